import { describe, expect, it } from 'vitest';

import type { Permission, Pusher } from '../../src/hkp/push-permission.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { DAY, EPOCH, keyring, makeCertificate, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import type { TestCertificate } from '../fixtures/test-key.ts';
import { dump, submitting } from './submitting.ts';

const NONE: Permission = { kind: 'none', reason: 'this token may not push this key' };
const REVOCATIONS: Permission = { kind: 'revocations', reason: 'pushing needs a token' };

/** Permits the same for all, except what is named. */
function pusher(permission: Permission, others: Readonly<Record<string, Permission>> = {}): Pusher {
  return { permits: async ({ primary }) => others[primary.key.fingerprint] ?? permission };
}

/** The certificate with its key revoked, a new user ID, its subkey and its first user ID revoked. */
function everythingRevoked({ key, subkey }: TestCertificate): Uint8Array {
  const [alice, added] = [userId('Alice'), userId('Mallory')];
  return keyring(
    key.key.packet,
    key.revoke({ hashed: [subpackets.reason(2, 'stolen')] }),
    key.direct({ created: EPOCH + DAY }),
    alice,
    key.certify(alice, { created: EPOCH + DAY }),
    key.revokeUserId(alice, { created: EPOCH + 2 * DAY }),
    added,
    key.certify(added),
    key.revokeUserId(added),
    subkey.key.packet,
    key.bind(subkey, { created: EPOCH + DAY }),
    key.revokeSubkey(subkey, { created: EPOCH + 2 * DAY }),
  );
}

describe('a push by somebody who is permitted nothing', () => {
  it('A12 is refused with the reason, and leaves the store as it was', async () => {
    const { keystore, push } = submitting();
    const held = makeCertificate(['Alice']);
    await push(held.bytes);
    const before = await dump(keystore);
    for (const bytes of [makeCertificate().bytes, everythingRevoked(held), held.bytes]) {
      expect(await push(bytes, false, pusher(NONE))).toMatchObject({
        accepted: [],
        refused: [{ version: 4, code: 'FORBIDDEN', reason: NONE.reason }],
      });
    }
    expect(await dump(keystore)).toBe(before);
  });

  it('A12 is refused for the certificates that are not permitted only', async () => {
    const { push } = submitting();
    const [mine, other] = [makeCertificate(), makeCertificate()];
    const permitted = pusher(NONE, { [mine.fingerprint]: { kind: 'all' } });
    expect(await push(Buffer.concat([mine.bytes, other.bytes]), false, permitted)).toMatchObject({
      accepted: [{ fingerprint: mine.fingerprint, outcome: 'inserted' }],
      refused: [{ fingerprint: other.fingerprint, code: 'FORBIDDEN' }],
    });
  });

  it('is refused for a bare revocation as well', async () => {
    const { keystore, push } = submitting();
    const { bytes, key, fingerprint } = makeCertificate();
    await push(bytes);
    const before = await dump(keystore);
    expect((await push(key.revoke().raw, false, pusher(NONE))).refused).toMatchObject([
      { version: 4, fingerprint, code: 'FORBIDDEN', reason: NONE.reason },
    ]);
    expect(await dump(keystore)).toBe(before);
  });
});

describe('a push by somebody who may bring revocations', () => {
  const anonymous = pusher(REVOCATIONS);

  it('adds the revocations of key, user ID and subkey to what is held, and nothing else', async () => {
    const { keystore, push, state } = submitting();
    const certificate = makeCertificate(['Alice', 'Bob']);
    await push(certificate.bytes);
    const held = parseCertificate((await keystore.bytes(certificate.fingerprint)) ?? Buffer.alloc(0));
    const report = await push(everythingRevoked(certificate), false, anonymous);
    expect(report).toMatchObject({
      accepted: [{ fingerprint: certificate.fingerprint, outcome: 'updated' }],
      refused: [],
    });
    expect(report.accepted[0]?.leftOut).toMatchObject([{ why: REVOCATIONS.reason }]);
    const now = parseCertificate((await keystore.bytes(certificate.fingerprint)) ?? Buffer.alloc(0));
    const types = ({ primary, userIds, subkeys }: typeof now): string =>
      JSON.stringify(
        [primary, ...userIds, ...subkeys].map(({ signatures }) => signatures.map(({ type }) => type)),
      );
    const byUserId = now.userIds.map(({ packet }) => Buffer.from(packet.body).toString());
    expect(types(held)).toBe(JSON.stringify([[], [0x13], [0x13], [0x18]]));
    expect(types(now)).toBe(
      JSON.stringify([
        [0x20],
        ...byUserId.map((text) => (text === 'Alice' ? [0x13, 0x30] : [0x13])),
        [0x18, 0x28],
      ]),
    );
    expect(now.userIds).toHaveLength(2);
    expect(await state(certificate.fingerprint)).toMatchObject({
      revoked: true,
      revocation: { text: 'stolen' },
      subkeys: [{ revoked: true }],
    });
  });

  it('is refused with the reason when nothing is revoked that was not, and leaves the store as it was', async () => {
    const { keystore, push } = submitting();
    const certificate = makeCertificate(['Alice']);
    const revoked = everythingRevoked(certificate);
    await push(certificate.bytes);
    await push(revoked, false, anonymous);
    const before = await dump(keystore);
    const bob = userId('Bob');
    const more = keyring(certificate.key.key.packet, bob, certificate.key.certify(bob));
    for (const bytes of [revoked, certificate.bytes, more]) {
      expect(await push(bytes, false, anonymous)).toMatchObject({
        accepted: [],
        refused: [{ fingerprint: certificate.fingerprint, code: 'FORBIDDEN', reason: REVOCATIONS.reason }],
      });
    }
    expect(await dump(keystore)).toBe(before);
  });

  it('is refused when the certificate is not held, revoked or not', async () => {
    const { keystore, push } = submitting();
    const certificate = makeCertificate(['Alice']);
    for (const bytes of [certificate.bytes, everythingRevoked(certificate)]) {
      expect((await push(bytes, false, anonymous)).refused).toMatchObject([{ code: 'FORBIDDEN' }]);
    }
    expect((await keystore.status()).sequence).toBe(0);
  });

  it("does not take what others revoke, also where others' certifications are kept", async () => {
    const { keystore, push } = submitting({ thirdParty: 'keep' });
    const { key, bytes, packets, fingerprint } = makeCertificate(['Alice']);
    const other = new TestKey();
    await push(bytes);
    const before = await dump(keystore);
    const alice = packets[1] ?? userId('');
    const byOther = other.certify(alice, { of: key, type: 0x30 });
    const forged = other.revoke({ of: key, anonymous: true, unhashed: [] });
    const offered = keyring(key.key.packet, forged, alice, ...packets.slice(2, 3), byOther);
    expect((await push(offered, false, anonymous)).refused).toMatchObject([
      { fingerprint, code: 'FORBIDDEN' },
    ]);
    expect(await dump(keystore)).toBe(before);
  });

  it('takes a revocation by whom the held certificate names, not by whom the offered one names', async () => {
    const alice = userId('Alice');
    const [named, revoker] = [new TestKey(), makeCertificate(['Revoker'])];
    const naming = named.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
    const revoked = keyring(
      named.key.packet,
      revoker.key.revoke({ of: named }),
      naming,
      alice,
      named.certify(alice),
    );
    for (const known of [false, true]) {
      const { push, state } = submitting();
      await push(revoker.bytes);
      await push(keyring(named.key.packet, ...(known ? [naming] : []), alice, named.certify(alice)));
      const { refused } = await push(revoked, false, anonymous);
      expect(refused).toHaveLength(known ? 0 : 1);
      expect(await state(named.fingerprint)).toMatchObject({ revoked: known });
    }
  });

  it('takes a bare revocation, also a second time', async () => {
    const { push, state } = submitting();
    const { bytes, key, fingerprint } = makeCertificate();
    await push(bytes);
    const revocation = key.revoke().raw;
    for (const outcome of ['updated', 'unchanged']) {
      expect((await push(revocation, false, anonymous)).accepted).toMatchObject([{ fingerprint, outcome }]);
    }
    expect(await state(fingerprint)).toMatchObject({ revoked: true });
  });

  it('with options=nm is refused unless the revocations are all there is to add', async () => {
    const { keystore, push } = submitting();
    const certificate = makeCertificate(['Alice']);
    const { key, packets } = certificate;
    await push(certificate.bytes);
    const before = await dump(keystore);
    expect((await push(everythingRevoked(certificate), true, anonymous)).refused).toMatchObject([
      { code: 'WOULD_MODIFY' },
    ]);
    expect(await dump(keystore)).toBe(before);
    const only = keyring(key.key.packet, key.revoke(), ...packets.slice(1));
    expect((await push(only, true, anonymous)).accepted).toMatchObject([{ outcome: 'updated', leftOut: [] }]);
  });
});

describe('whoever pushes', () => {
  it('is asked once for each certificate that was checked, and not for what is blocked or unreadable', async () => {
    const [good, blocked, bare] = [makeCertificate(), makeCertificate(), new TestKey()];
    const { push } = submitting({ blocked: new Set([blocked.fingerprint]) });
    const asked: string[] = [];
    const asking: Pusher = {
      permits: async ({ primary }) => {
        asked.push(primary.key.fingerprint);
        return { kind: 'all' };
      },
    };
    await push(Buffer.concat([good.bytes, blocked.bytes, bare.key.packet.raw]), false, asking);
    expect(asked).toEqual([good.fingerprint]);
  });
});
