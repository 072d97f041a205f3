import { describe, expect, it } from 'vitest';

import { parseCertificate } from '../../src/openpgp/certificate.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import type { CertificateState } from '../../src/openpgp/state.ts';
import { subkeySubject } from '../../src/openpgp/subject.ts';
import { DAY, EPOCH, keyring, subpackets, TestKey, userId } from '../fixtures/test-key.ts';

const day = (days: number): number => EPOCH + days * DAY;
const key = new TestKey();
const ALICE = userId('Alice <alice@example.org>');
const CERTIFIED = [ALICE, key.certify(ALICE)];
const SUPERSEDED = 1;
const COMPROMISED = 2;
const RETIRED = 3;
const UID_INVALID = 32;

const stateAt = (days: number, ...packets: Packet[]): CertificateState =>
  certificateState(parseCertificate(keyring(key.key.packet, ...packets)), day(days));
const revoke = (created: number, ...hashed: Uint8Array[]): Packet =>
  key.revoke({ created: day(created), hashed });

describe('a revocation of the primary key', () => {
  it('U40: says when, why, and whether it is hard', () => {
    const packet = revoke(1, subpackets.reason(SUPERSEDED, 'new key: 0xABC'));
    expect(stateAt(2, packet, ...CERTIFIED)).toMatchObject({
      revoked: true,
      revocation: { at: day(1), hard: false, code: SUPERSEDED, text: 'new key: 0xABC' },
    });
  });

  it.each([
    { hard: true, why: 'no reason', hashed: [] },
    { hard: true, why: 'reason 0', hashed: [subpackets.reason(0)] },
    { hard: false, why: 'reason 1, superseded', hashed: [subpackets.reason(SUPERSEDED)] },
    { hard: true, why: 'reason 2, compromised', hashed: [subpackets.reason(COMPROMISED)] },
    { hard: false, why: 'reason 3, retired', hashed: [subpackets.reason(RETIRED)] },
    { hard: false, why: 'reason 32, user ID no longer valid', hashed: [subpackets.reason(UID_INVALID)] },
    { hard: true, why: 'a private reason', hashed: [subpackets.reason(100)] },
  ])('U40: with $why is hard: $hard', ({ hard, hashed }) => {
    expect(stateAt(2, revoke(1, ...hashed)).revocation?.hard).toBe(hard);
  });

  it('U40: that is soft counts from its date on, and a newer self-signature does not undo it', () => {
    const packets = [
      revoke(1, subpackets.reason(RETIRED)),
      key.direct({ created: day(2) }),
      ...CERTIFIED,
      key.certify(ALICE, { created: day(2) }),
    ];
    expect(stateAt(0.5, ...packets).revoked).toBe(false);
    expect(stateAt(1, ...packets).revoked).toBe(true);
    expect(stateAt(3, ...packets).revoked).toBe(true);
  });

  it('U40 U23: that is hard counts for all times, before its date as well', () => {
    expect(stateAt(0, revoke(5, subpackets.reason(COMPROMISED))).revocation).toMatchObject({
      at: day(5),
      hard: true,
    });
  });

  it('U40: that is soft counts until it expires, one that is hard for ever', () => {
    const until = subpackets.expires(DAY);
    const soft = revoke(1, subpackets.reason(SUPERSEDED), until);
    expect(stateAt(1.5, soft).revoked).toBe(true);
    expect(stateAt(2, soft).revoked).toBe(false);
    expect(stateAt(2, revoke(1, subpackets.reason(COMPROMISED), until)).revoked).toBe(true);
  });

  it('U40: of several the hard one is told', () => {
    const soft = revoke(1, subpackets.reason(SUPERSEDED, 'soft'));
    const hard = revoke(2, subpackets.reason(COMPROMISED, 'hard'));
    for (const packets of [
      [soft, hard],
      [hard, soft],
    ]) {
      expect(stateAt(3, ...packets).revocation).toMatchObject({ hard: true, text: 'hard' });
    }
  });

  it('L16: and its expiry are told apart and together', () => {
    const brief = key.certify(ALICE, { hashed: [subpackets.keyExpires(DAY)] });
    const revocation = revoke(0, subpackets.reason(RETIRED));
    expect(stateAt(0, ALICE, brief)).toMatchObject({ revoked: false, expired: false });
    expect(stateAt(2, ALICE, brief)).toMatchObject({ revoked: false, expired: true });
    expect(stateAt(0, revocation, ALICE, brief)).toMatchObject({ revoked: true, expired: false });
    expect(stateAt(2, revocation, ALICE, brief)).toMatchObject({ revoked: true, expired: true });
  });

  it('does not revoke user IDs and subkeys for themselves', () => {
    const subkey = new TestKey({ subkey: true });
    expect(stateAt(2, revoke(1), ...CERTIFIED, subkey.key.packet, key.bind(subkey))).toMatchObject({
      revoked: true,
      userIds: [{ revoked: false }],
      subkeys: [{ revoked: false }],
    });
  });
});

describe('a subkey', () => {
  const subkey = new TestKey({ subkey: true });
  const stateOf = (days: number, ...signatures: Packet[]): CertificateState['subkeys'] =>
    stateAt(days, ...CERTIFIED, subkey.key.packet, ...signatures).subkeys;
  const revocation = (created: number, ...hashed: Uint8Array[]): Packet =>
    key.revokeSubkey(subkey, { created: day(created), hashed });

  it('has the flags of its newest binding', () => {
    const signatures = [key.bind(subkey, { flags: 2 }), key.bind(subkey, { flags: 0x0c, created: day(1) })];
    expect(stateOf(0, ...signatures)).toMatchObject([{ flags: 2 }]);
    expect(stateOf(1, ...signatures)).toMatchObject([{ flags: 0x0c }]);
  });

  it('has no flags when its binding has none', () => {
    const bare = key.sign(0x18, subkeySubject(key.key, subkey.key));
    expect(stateOf(0, bare)).toMatchObject([{ flags: 0 }]);
  });

  it('L16: expires as its newest binding says, counted from its own creation', () => {
    const [first, second] = [
      key.bind(subkey, { hashed: [subpackets.keyExpires(DAY)] }),
      key.bind(subkey, { created: day(1), hashed: [subpackets.keyExpires(3 * DAY)] }),
    ];
    expect(stateOf(0.5, first, second)).toMatchObject([{ expires: day(1), expired: false }]);
    expect(stateOf(2, first)).toMatchObject([{ expires: day(1), expired: true }]);
    expect(stateOf(2, second, first)).toMatchObject([{ expires: day(3), expired: false }]);
    expect(stateOf(2, key.bind(subkey))[0]).not.toHaveProperty('expires');
  });

  it('expires with its binding when that ends first', () => {
    const binding = key.bind(subkey, { hashed: [subpackets.expires(DAY)] });
    expect(stateOf(0, binding)).toMatchObject([{ expires: day(1), expired: false }]);
    expect(stateOf(1, binding)).toMatchObject([{ expires: day(1), expired: true }]);
    const both = key.bind(subkey, { hashed: [subpackets.expires(DAY), subpackets.keyExpires(2 * DAY)] });
    expect(stateOf(0, both)).toMatchObject([{ expires: day(1) }]);
    const other = key.bind(subkey, { hashed: [subpackets.expires(3 * DAY), subpackets.keyExpires(2 * DAY)] });
    expect(stateOf(2, other)).toMatchObject([{ expires: day(2), expired: true }]);
  });

  it('U40: is revoked softly from a date on, and hard for all times', () => {
    const soft = [key.bind(subkey), revocation(1, subpackets.reason(SUPERSEDED))];
    expect([0, 1, 2].map((days) => stateOf(days, ...soft)[0]?.revoked)).toEqual([false, true, true]);
    expect(stateOf(0, key.bind(subkey), revocation(1))).toMatchObject([{ revoked: true }]);
  });

  it('U40: is no longer revoked when a soft revocation has expired, and stays so when bound again', () => {
    const until = [subpackets.reason(RETIRED), subpackets.expires(DAY)];
    expect(stateOf(2, key.bind(subkey), revocation(1, ...until))).toMatchObject([{ revoked: false }]);
    const again = [
      key.bind(subkey),
      revocation(1, subpackets.reason(RETIRED)),
      key.bind(subkey, { created: day(2) }),
    ];
    expect(stateOf(3, ...again)).toMatchObject([{ revoked: true }]);
  });

  it('U23: is not listed before its binding is made', () => {
    expect(stateOf(1, key.bind(subkey, { created: day(2) }))).toEqual([]);
    expect(stateOf(2, key.bind(subkey, { created: day(2) }))).toHaveLength(1);
  });

  it('is not listed when it is revoked only', () => {
    expect(stateOf(2, revocation(1))).toEqual([]);
  });

  it('is listed with its own fingerprint, in the order of the certificate', () => {
    const other = new TestKey({ subkey: true, created: day(1) });
    const state = stateAt(
      2,
      ...CERTIFIED,
      subkey.key.packet,
      key.bind(subkey),
      other.key.packet,
      key.bind(other),
    );
    expect(state.subkeys).toMatchObject([
      { fingerprint: subkey.fingerprint, created: EPOCH },
      { fingerprint: other.fingerprint, keyId: other.key.keyId, created: day(1) },
    ]);
  });
});
