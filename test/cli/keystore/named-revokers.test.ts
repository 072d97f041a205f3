/* Revocations by whom a key's owner has named, in dumps: they count when the key that made them is held. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { keyring, makeCertificate, subpackets, TestKey, userId } from '../../fixtures/test-key.ts';
import { inTempFolder } from '../vouch.ts';
import { dump, load } from './load-and-dump.ts';

const others = Array.from({ length: 40 }, (_, n) => makeCertificate([`other ${n}`]).bytes);

/** A revoked key with so many user IDs, its revocation, and the certificate of whom its owner named. */
function revokedByAnother(userIds: number) {
  const [owner, revoker] = [new TestKey(), makeCertificate(['Revoker'])];
  const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
  const revocation = revoker.key.revoke({ of: owner });
  const identities = Array.from({ length: userIds }, (_, n) => userId(`${n} ${'x'.repeat(900)}`));
  const signed = identities.flatMap((one) => [one, owner.certify(one)]);
  const revoked = keyring(owner.key.packet, revocation, named, ...signed);
  return { revocation, revoked, revoker: revoker.bytes };
}

describe('vouch keystore load: a revocation by a key that its owner has named', () => {
  it.each([
    ['before', 1],
    ['after', 1],
    // More than is kept in memory until the end.
    ['after', 30],
  ] as const)('is taken when that key comes %s it (user IDs: %s)', async (place, userIds) => {
    await inTempFolder(async (folder) => {
      const { revocation, revoked, revoker } = revokedByAnother(userIds);
      const [first, last] = place === 'before' ? [revoker, revoked] : [revoked, revoker];
      const files = [join(folder, 'one.pgp'), join(folder, 'two.pgp')];
      await writeFile(files[0] ?? '', Buffer.concat([first, ...others]));
      await writeFile(files[1] ?? '', last);
      const report = await load(folder, files);
      expect(report).toMatchObject({ code: 0, complete: true, refused: [] });
      expect(report.inserted + report.updated).toBe(others.length + 2);
      expect((await dump(folder)).includes(Buffer.from(revocation.body.subarray(-64)))).toBe(true);
    });
  });

  it('is left out, and said to be, when that key does not come', async () => {
    await inTempFolder(async (folder) => {
      const { revocation, revoked } = revokedByAnother(1);
      const report = await load(folder, ['-'], revoked);
      expect(report).toMatchObject({
        inserted: 0,
        unchanged: 1,
        leftOut: [{ what: 'key revocation', count: 1 }],
      });
      expect((await dump(folder)).includes(Buffer.from(revocation.body.subarray(-64)))).toBe(false);
    });
  });
});
