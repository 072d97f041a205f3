import { describe, expect, it } from 'vitest';

import { parseCertificate } from '../../src/openpgp/certificate.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import type { UserIdState } from '../../src/openpgp/state.ts';
import { DAY, EPOCH, keyring, subpackets, TestKey, userId } from '../fixtures/test-key.ts';

const day = (days: number): number => EPOCH + days * DAY;
const key = new TestKey();
const [ALICE, BOB, CAROL] = [userId('Alice'), userId('Bob'), userId('Carol')];

const userIdsAt = (days: number, ...packets: Packet[]): readonly UserIdState[] =>
  certificateState(parseCertificate(keyring(key.key.packet, ...packets)), day(days)).userIds;
const certify = (id: Packet, created: number, ...hashed: Uint8Array[]): Packet =>
  key.certify(id, { created: day(created), hashed });
const revoke = (id: Packet, created: number, ...hashed: Uint8Array[]): Packet =>
  key.revokeUserId(id, { created: day(created), hashed });
const texts = (states: readonly UserIdState[]): string[] => states.map(({ text }) => text);
const primaries = (states: readonly UserIdState[]): string[] =>
  texts(states.filter(({ primary }) => primary));

describe('a user ID', () => {
  it('has its octets, its text, and the address in it if there is one', () => {
    const latin1 = userId(Buffer.from('J\xf6rg <j@example.org>', 'latin1'));
    const [state] = userIdsAt(0, latin1, key.certify(latin1));
    expect(Buffer.from(state?.bytes ?? [])).toEqual(Buffer.from(latin1.body));
    expect(state).toMatchObject({ text: 'J\ufffdrg <j@example.org>', email: 'j@example.org' });
    expect(userIdsAt(0, ALICE, key.certify(ALICE))[0]).not.toHaveProperty('email');
  });

  it('L17: is as old as its newest self-signature, and expires with that', () => {
    const signatures = [certify(ALICE, 0, subpackets.expires(DAY)), certify(ALICE, 2)];
    expect(userIdsAt(1, ALICE, ...signatures)).toMatchObject([
      { created: EPOCH, expires: day(1), expired: true },
    ]);
    const [renewed] = userIdsAt(2, ALICE, ...signatures);
    expect(renewed).toMatchObject({ created: day(2), expired: false });
    expect(renewed).not.toHaveProperty('expires');
  });

  it('expires at its second, not before', () => {
    const brief = certify(ALICE, 0, subpackets.expires(DAY));
    expect(userIdsAt(1 - 1 / DAY, ALICE, brief)).toMatchObject([{ expired: false }]);
    expect(userIdsAt(1, ALICE, brief)).toMatchObject([{ expired: true }]);
  });

  it('does not come back when a newer self-signature has expired and an older one has not', () => {
    const signatures = [certify(ALICE, 0), certify(ALICE, 1, subpackets.expires(DAY))];
    expect(userIdsAt(3, ALICE, ...signatures)).toMatchObject([{ expired: true }]);
  });

  it('U23: with a signature from the future alone is listed, and is not primary until then', () => {
    const signature = certify(ALICE, 2);
    expect(userIdsAt(1, ALICE, signature)).toMatchObject([
      { created: day(2), primary: false, revoked: false },
    ]);
    expect(userIdsAt(2, ALICE, signature)).toMatchObject([{ primary: true }]);
  });

  it('is not judged by what others say of it', () => {
    const other = new TestKey();
    const theirs = [
      other.certify(ALICE, { of: key, created: day(1), hashed: [subpackets.expires(1)] }),
      other.certify(ALICE, { type: 0x30, of: key, created: day(1) }),
    ];
    expect(userIdsAt(2, ALICE, certify(ALICE, 0), ...theirs)).toMatchObject([
      { created: EPOCH, expired: false, revoked: false },
    ]);
  });

  it('without any signature has no date and is not primary', () => {
    expect(userIdsAt(0, ALICE)).toMatchObject([
      { created: 0, primary: false, revoked: false, expired: false },
    ]);
  });
});

describe('the revocation of a user ID', () => {
  it('U40: counts from its date on', () => {
    const signatures = [certify(ALICE, 0), revoke(ALICE, 1)];
    expect([0, 1, 2].map((days) => userIdsAt(days, ALICE, ...signatures)[0]?.revoked)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('U40: is undone by a newer certification, and not by an older or equally old one', () => {
    expect(userIdsAt(3, ALICE, certify(ALICE, 0), revoke(ALICE, 1), certify(ALICE, 2))[0]?.revoked).toBe(
      false,
    );
    expect(userIdsAt(3, ALICE, certify(ALICE, 2), revoke(ALICE, 1))[0]?.revoked).toBe(false);
    expect(userIdsAt(3, ALICE, certify(ALICE, 1), revoke(ALICE, 1))[0]?.revoked).toBe(true);
    expect(userIdsAt(3, ALICE, certify(ALICE, 1), revoke(ALICE, 2), revoke(ALICE, 0))[0]?.revoked).toBe(true);
  });

  it('U40: is over when it has expired', () => {
    const signatures = [certify(ALICE, 0), revoke(ALICE, 1, subpackets.expires(DAY))];
    expect([1, 2].map((days) => userIdsAt(days, ALICE, ...signatures)[0]?.revoked)).toEqual([true, false]);
    const lasting = revoke(ALICE, 0.5);
    expect(userIdsAt(2, ALICE, ...signatures, lasting)[0]?.revoked).toBe(true);
  });

  it('counts when there is no certification any more', () => {
    expect(userIdsAt(1, ALICE, revoke(ALICE, 0))).toMatchObject([
      { revoked: true, primary: false, created: EPOCH },
    ]);
  });
});

describe('the primary user ID', () => {
  it('is the one that claims to be', () => {
    const packets = [ALICE, certify(ALICE, 0, subpackets.primary()), BOB, certify(BOB, 1)];
    expect(primaries(userIdsAt(2, ...packets))).toEqual(['Alice']);
  });

  it('is the newest of several that claim to be', () => {
    const packets = [
      [ALICE, certify(ALICE, 0, subpackets.primary())],
      [BOB, certify(BOB, 1, subpackets.primary())],
      [CAROL, certify(CAROL, 2)],
    ].flat();
    expect(primaries(userIdsAt(3, ...packets))).toEqual(['Bob']);
    expect(primaries(userIdsAt(0, ...packets))).toEqual(['Alice']);
  });

  it('is the newest when none claims to be', () => {
    expect(primaries(userIdsAt(2, ALICE, certify(ALICE, 1), BOB, certify(BOB, 0)))).toEqual(['Alice']);
  });

  it('is not one whose newest signature no longer claims it', () => {
    const packets = [ALICE, certify(ALICE, 0, subpackets.primary()), certify(ALICE, 1), BOB, certify(BOB, 2)];
    expect(primaries(userIdsAt(0, ...packets))).toEqual(['Alice']);
    expect(primaries(userIdsAt(2, ...packets))).toEqual(['Bob']);
  });

  it('is never one that is revoked or expired', () => {
    const packets = [
      [ALICE, certify(ALICE, 1, subpackets.primary()), revoke(ALICE, 2)],
      [BOB, certify(BOB, 1, subpackets.primary(), subpackets.expires(DAY))],
      [CAROL, certify(CAROL, 0)],
    ].flat();
    expect(primaries(userIdsAt(3, ...packets))).toEqual(['Carol']);
    expect(primaries(userIdsAt(3, ...packets.slice(0, 5)))).toEqual([]);
  });
});

describe('the order of user IDs', () => {
  it('is the primary one, then valid, expired and revoked ones, newer before older', () => {
    const certified = (name: string, created: number, ...hashed: Uint8Array[]): Packet[] => {
      const id = userId(name);
      return [id, certify(id, created, ...hashed)];
    };
    const gone = userId('revoked');
    const packets = [
      [gone, certify(gone, 6), revoke(gone, 7)],
      certified('expired, older', 1, subpackets.expires(DAY)),
      certified('expired, newer', 2, subpackets.expires(DAY)),
      certified('older', 3),
      certified('newer', 4),
      certified('primary', 0, subpackets.primary()),
    ].flat();
    expect(texts(userIdsAt(9, ...packets))).toEqual([
      'primary',
      'newer',
      'older',
      'expired, newer',
      'expired, older',
      'revoked',
    ]);
  });
});
