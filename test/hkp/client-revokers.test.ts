import { expect, it } from 'vitest';

import { HkpClient } from '../../src/hkp/client.ts';
import { keyStanding } from '../../src/openpgp/key-standing.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { DAY, keyring, makeCertificate, subpackets, TestKey } from '../fixtures/test-key.ts';
import { NOW, startServer } from './harness.ts';

it('U38 takes a revocation by a key that the owner named, whose key it fetches to verify it', async () => {
  const server = await startServer();
  const [owner, revoker, stranger] = [new TestKey(), makeCertificate(['Revoker']), makeCertificate()];
  const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
  const revokedBy = (revocation: Packet): Uint8Array => keyring(owner.key.packet, revocation, named);
  const isRevoked = async (): Promise<boolean> => {
    const [got] = await new HkpClient(server.url).get(owner.fingerprint);
    if (got === undefined) throw new Error('it is there');
    return keyStanding(got, got.primary.key, NOW + 1000 * DAY).revocation?.hard ?? false;
  };
  await server.hold(revokedBy(revoker.key.revoke({ of: owner })));
  expect(await isRevoked()).toBe(false);
  await server.hold(revoker.bytes);
  expect(await isRevoked()).toBe(true);
  await server.hold(revokedBy(revoker.key.revoke({ of: owner, broken: true })));
  expect(await isRevoked()).toBe(false);
  await server.hold(revokedBy(stranger.key.revoke({ of: owner })));
  expect(await isRevoked()).toBe(false);
});

it('fails, and calls no key good, when the key of a named revoker cannot be had', async () => {
  const server = await startServer();
  const [owner, revoker] = [new TestKey(), makeCertificate(['Revoker'])];
  const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
  await server.hold(keyring(owner.key.packet, revoker.key.revoke({ of: owner }), named));
  const bytes = server.keystore.bytes.bind(server.keystore);
  server.keystore.bytes = (name) =>
    name === revoker.fingerprint ? Promise.reject(new Error('the disk')) : bytes(name);
  await expect(new HkpClient(server.url).get(owner.fingerprint)).rejects.toMatchObject({ code: 'REFUSED' });
});
