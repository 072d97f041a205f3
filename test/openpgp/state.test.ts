import { describe, expect, it } from 'vitest';

import { parseCertificate } from '../../src/openpgp/certificate.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import type { CertificateState } from '../../src/openpgp/state.ts';
import { DAY, EPOCH, keyring, makeCertificate, subpackets, TestKey, userId } from '../fixtures/test-key.ts';

const LAST = 2 ** 32 - 1;
const ALICE = userId('Alice <alice@example.org>');
const BOB = userId('Bob');
const lives = (days: number): { hashed: Uint8Array[] } => ({ hashed: [subpackets.keyExpires(days * DAY)] });
const day = (days: number): number => EPOCH + days * DAY;

/** What the packets say of themselves some days after the key was made. */
const stateAt = (days: number, ...packets: Packet[]): CertificateState =>
  certificateState(parseCertificate(keyring(...packets)), day(days));

describe('certificateState', () => {
  it.each([4, 6] as const)('describes a certificate of version %i', (version) => {
    const { bytes, key, subkey } = makeCertificate(undefined, { version });
    const algorithm = version === 4 ? { number: 22, name: 'EdDSA' } : { number: 27, name: 'Ed25519' };
    const state = certificateState(parseCertificate(bytes), EPOCH);
    expect(state).toMatchObject({
      version,
      fingerprint: key.fingerprint,
      keyId: key.key.keyId,
      algorithm,
      created: EPOCH,
      expired: false,
      revoked: false,
      userIds: [{ text: 'Alice Example <alice@example.org>', email: 'alice@example.org', primary: true }],
      subkeys: [{ version, fingerprint: subkey.fingerprint, keyId: subkey.key.keyId, algorithm, flags: 2 }],
    });
    expect(state).not.toHaveProperty('expires');
    expect(state).not.toHaveProperty('revocation');
  });
});

describe('the lifetime of a primary key', () => {
  const v4 = new TestKey();
  const v6 = new TestKey({ version: 6 });
  const certified = (key: TestKey, days?: number): Packet[] => [
    ALICE,
    key.certify(ALICE, days === undefined ? {} : lives(days)),
  ];

  it.each([
    {
      name: 'L17: is not limited when nothing says so',
      key: v4,
      direct: [],
      uid: undefined,
      days: undefined,
    },
    { name: 'L17: version 4: is what the user ID says', key: v4, direct: [], uid: 9, days: 9 },
    {
      name: 'L17: version 4: is what the direct-key signature says',
      key: v4,
      direct: [v4.direct(lives(5))],
      uid: 9,
      days: 5,
    },
    {
      name: 'version 4: is what the user ID says when the direct-key signature does not',
      key: v4,
      direct: [v4.direct()],
      uid: 9,
      days: 9,
    },
    {
      name: 'version 4: is unlimited when the direct-key signature says so',
      key: v4,
      direct: [v4.direct(lives(0))],
      uid: 9,
      days: undefined,
    },
    {
      name: 'L17: version 6: is what the direct-key signature says',
      key: v6,
      direct: [v6.direct(lives(5))],
      uid: 9,
      days: 5,
    },
    {
      name: 'version 6: is unlimited when the direct-key signature does not limit it',
      key: v6,
      direct: [v6.direct()],
      uid: 9,
      days: undefined,
    },
    {
      name: 'version 6: is what the user ID says when there is no direct-key signature',
      key: v6,
      direct: [],
      uid: 9,
      days: 9,
    },
    { name: 'is unlimited when it is 0', key: v4, direct: [], uid: 0, days: undefined },
  ])('$name', ({ key, direct, uid, days }) => {
    const state = stateAt(0, key.key.packet, ...direct, ...certified(key, uid));
    expect(state.expires).toBe(days === undefined ? undefined : day(days));
  });

  it('L16: ends at its second, not before', () => {
    const at = (time: number): boolean =>
      certificateState(parseCertificate(keyring(v4.key.packet, ...certified(v4, 2))), time).expired;
    expect([at(day(2) - 1), at(day(2)), at(day(2) + 1)]).toEqual([false, true, true]);
  });

  it('is what the newest self-signature says, longer or shorter, in whatever order', () => {
    const older = v4.certify(ALICE, lives(5));
    const longer = v4.certify(ALICE, { created: day(1), ...lives(50) });
    const unlimited = v4.certify(ALICE, { created: day(2) });
    const expires = (...signatures: Packet[]): number | undefined =>
      stateAt(3, v4.key.packet, ALICE, ...signatures).expires;
    expect(expires(older, longer)).toBe(day(50));
    expect(expires(longer, older)).toBe(day(50));
    expect(expires(unlimited, longer, older)).toBeUndefined();
  });

  it('is what the first in the certificate says of two equally old signatures', () => {
    const [a, b] = [v4.certify(ALICE, lives(5)), v4.certify(ALICE, lives(50))];
    expect(stateAt(0, v4.key.packet, ALICE, a, b).expires).toBe(day(5));
    expect(stateAt(0, v4.key.packet, ALICE, b, a).expires).toBe(day(50));
  });

  it('is what the newest direct-key signature says', () => {
    const [older, newer] = [v6.direct(lives(5)), v6.direct({ created: day(1), ...lives(50) })];
    expect(stateAt(2, v6.key.packet, newer, older).expires).toBe(day(50));
    expect(stateAt(0, v6.key.packet, newer, older).expires).toBe(day(5));
  });

  it('U23: is not what a signature from the future says, until then', () => {
    const signatures = [v4.certify(ALICE, lives(5)), v4.certify(ALICE, { created: day(2), ...lives(50) })];
    expect(stateAt(1, v4.key.packet, ALICE, ...signatures).expires).toBe(day(5));
    expect(stateAt(2, v4.key.packet, ALICE, ...signatures).expires).toBe(day(50));
  });

  it('is what the primary user ID says, not the others', () => {
    const primary = v4.certify(ALICE, { hashed: [subpackets.primary(), subpackets.keyExpires(5 * DAY)] });
    const other = v4.certify(BOB, { created: day(1), ...lives(50) });
    expect(stateAt(2, v4.key.packet, BOB, other, ALICE, primary).expires).toBe(day(5));
  });

  it('is what the newest user ID says when all are revoked: a revoked name ends no key', () => {
    const packets = [
      ALICE,
      v4.certify(ALICE, lives(5)),
      v4.revokeUserId(ALICE, { created: day(1) }),
      BOB,
      v4.certify(BOB, { created: day(1), ...lives(7) }),
      v4.revokeUserId(BOB, { created: day(1) }),
    ];
    expect(stateAt(2, v4.key.packet, ...packets).expires).toBe(day(7));
  });

  it('L17: does not end with a user ID that expires', () => {
    const brief = v4.certify(ALICE, { hashed: [subpackets.expires(DAY)] });
    const state = stateAt(3, v4.key.packet, ALICE, brief);
    expect(state).toMatchObject({ expired: false, userIds: [{ expired: true, expires: day(1) }] });
    expect(state).not.toHaveProperty('expires');
  });

  it('is not limited when there is no user ID at all', () => {
    expect(stateAt(0, v4.key.packet)).toMatchObject({ expired: false, userIds: [], subkeys: [] });
  });
});

describe('U46: times at the ends of 32 bits', () => {
  it.each([4, 6] as const)('are counted without overflow in version %i', (version) => {
    for (const created of [0, LAST]) {
      const key = new TestKey({ version, created });
      const subkey = new TestKey({ version, created, subkey: true });
      const ends = [subpackets.keyExpires(LAST), subpackets.expires(LAST)];
      const bytes = keyring(
        key.key.packet,
        key.direct({ created, hashed: ends }),
        ALICE,
        key.certify(ALICE, { created, hashed: ends }),
        subkey.key.packet,
        key.bind(subkey, { created, hashed: [subpackets.keyExpires(LAST)] }),
      );
      const expires = created + LAST;
      const before = certificateState(parseCertificate(bytes), expires - 1);
      const after = certificateState(parseCertificate(bytes), expires);
      expect(before).toMatchObject({ created, expires, expired: false });
      expect(before.userIds).toMatchObject([{ created, expires, expired: false }]);
      expect(before.subkeys).toMatchObject([{ created, expires, expired: false }]);
      expect(after).toMatchObject({
        expired: true,
        userIds: [{ expired: true }],
        subkeys: [{ expired: true }],
      });
    }
  });
});
