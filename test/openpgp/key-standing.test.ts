import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Certificate } from '../../src/openpgp/certificate.ts';
import { keyStanding, standingHolds } from '../../src/openpgp/key-standing.ts';
import type { KeyStanding } from '../../src/openpgp/key-standing.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { signingKeys } from '../../src/openpgp/signing-key.ts';
import { DAY, EPOCH, keyring, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { checked } from './checked.ts';
import { certificateOf, CERTIFIES } from './signed-text.ts';

const AT = EPOCH + 100 * DAY;
const key = new TestKey();
const subkey = new TestKey({ subkey: true });
const [alice, bob] = [userId('Alice <alice@example.org>'), userId('Bob <bob@example.org>')] as const;

async function certificate(...packets: Packet[]): Promise<Certificate> {
  return (await checked(keyring(key.key.packet, ...packets))).certificate;
}

const ofPrimary = (one: Certificate, at = AT): KeyStanding => keyStanding(one, key.key, at);
const ofSubkey = (one: Certificate, at = AT): KeyStanding => keyStanding(one, subkey.key, at);
const revokedOn = (day: number, code: number, text = ''): { created: number; hashed: Uint8Array[] } => ({
  created: EPOCH + day * DAY,
  hashed: [subpackets.reason(code, text)],
});

describe('keyStanding', () => {
  it('has nothing to say against a good key', async () => {
    expect(ofPrimary(await certificateOf(key))).toEqual({});
  });

  it('tells when the key ends, before and after, by the newest self-signature', async () => {
    const ending = await certificateOf(key, { self: { hashed: [subpackets.keyExpires(50 * DAY)] } });
    for (const day of [10, 200]) {
      expect(ofPrimary(ending, EPOCH + day * DAY)).toEqual({ expires: EPOCH + 50 * DAY });
    }
    const renewed = await certificate(
      alice,
      key.certify(alice, { hashed: [subpackets.keyExpires(50 * DAY)] }),
      key.certify(alice, { created: EPOCH + 40 * DAY, hashed: [subpackets.keyExpires(300 * DAY)] }),
    );
    expect(ofPrimary(renewed)).toEqual({ expires: EPOCH + 300 * DAY });
  });

  it('tells of a subkey whichever ends first: primary key, subkey, binding', async () => {
    const made = (primary: number, own: number, binding: number): Promise<Certificate> =>
      certificate(
        alice,
        key.certify(alice, { hashed: [subpackets.keyExpires(primary * DAY)] }),
        subkey.key.packet,
        key.bind(subkey, { hashed: [subpackets.keyExpires(own * DAY), subpackets.expires(binding * DAY)] }),
      );
    for (const [primary, own, binding] of [
      [10, 20, 30],
      [20, 10, 30],
      [30, 20, 10],
    ] as const) {
      expect(ofSubkey(await made(primary, own, binding)).expires).toBe(EPOCH + 10 * DAY);
    }
  });

  it.each([
    [0, true],
    [1, false],
    [2, true],
    [3, false],
    [99, true],
  ])('AD16 takes reason %i of a revocation as hard: %s', async (code, hard) => {
    const revoked = await certificate(key.revoke(revokedOn(60, code, 'lost')), alice, key.certify(alice));
    expect(ofPrimary(revoked).revocation).toEqual({ hard, at: EPOCH + 60 * DAY, text: 'lost' });
  });

  it('AD16 tells the hard one of several revocations, else the earliest; one ahead of now too', async () => {
    const identity = [alice, key.certify(alice)];
    const soft = [key.revoke(revokedOn(70, 1)), key.revoke(revokedOn(60, 3))];
    expect(ofPrimary(await certificate(...soft, ...identity)).revocation).toMatchObject({
      hard: false,
      at: EPOCH + 60 * DAY,
    });
    const hard = key.revoke(revokedOn(80, 2));
    expect(ofPrimary(await certificate(...soft, hard, ...identity)).revocation).toMatchObject({
      hard: true,
      at: EPOCH + 80 * DAY,
    });
    const ahead = await certificate(key.revoke(revokedOn(400, 1)), ...identity);
    expect(ofPrimary(ahead).revocation).toMatchObject({ hard: false, at: EPOCH + 400 * DAY });
  });

  it('keeps a hard revocation for ever, and a soft one until it ends', async () => {
    const ends = subpackets.expires(10 * DAY);
    const revoked = (code: number): Promise<Certificate> =>
      certificate(
        key.revoke({ created: EPOCH + DAY, hashed: [subpackets.reason(code), ends] }),
        alice,
        key.certify(alice),
      );
    expect(ofPrimary(await revoked(2)).revocation?.hard).toBe(true);
    expect(ofPrimary(await revoked(1), EPOCH + 5 * DAY).revocation?.hard).toBe(false);
    expect(ofPrimary(await revoked(1)).revocation).toBeUndefined();
  });

  it("tells a subkey's own revocation and that of its primary key, not another subkey's", async () => {
    const other = new TestKey({ subkey: true });
    const one = await certificate(
      alice,
      key.certify(alice),
      subkey.key.packet,
      key.bind(subkey),
      key.revokeSubkey(subkey, revokedOn(20, 1)),
      other.key.packet,
      key.bind(other),
    );
    expect(ofSubkey(one).revocation).toMatchObject({ hard: false, at: EPOCH + 20 * DAY });
    expect(ofPrimary(one).revocation).toBeUndefined();
    expect(keyStanding(one, other.key, AT)).toEqual({});
  });

  it('takes a key whose every user ID is revoked for revoked, since the last one and by their reasons', async () => {
    const made = (codes: readonly [number, number]): Promise<Certificate> =>
      certificate(
        alice,
        key.certify(alice),
        key.revokeUserId(alice, revokedOn(20, codes[0])),
        bob,
        key.certify(bob),
        key.revokeUserId(bob, revokedOn(30, codes[1])),
      );
    expect(ofPrimary(await made([32, 32])).revocation).toMatchObject({ hard: false, at: EPOCH + 30 * DAY });
    expect(ofPrimary(await made([0, 32])).revocation).toMatchObject({ hard: true });
    const oneLeft = await certificate(
      alice,
      key.certify(alice),
      key.revokeUserId(alice, revokedOn(20, 0)),
      bob,
      key.certify(bob),
    );
    expect(ofPrimary(oneLeft)).toEqual({});
  });

  it('still knows what an expired key was for', async () => {
    const ended = { hashed: [subpackets.expires(10 * DAY)] };
    const certifier = await certificateOf(key, { flags: CERTIFIES, self: ended });
    expect(ofPrimary(certifier)).toEqual({
      cannotSign: 'the key is not one for signing data',
      expires: EPOCH + 10 * DAY,
    });
    expect(ofPrimary(await certificateOf(key, { self: ended }))).toEqual({ expires: EPOCH + 10 * DAY });
  });

  it('says that a key from the future, or without a self-signature that counts, cannot sign', async () => {
    expect(ofPrimary(await certificateOf(key), EPOCH - 1).cannotSign).toMatch(/future/);
    const later = await certificateOf(key, { self: { created: AT + DAY } });
    expect(ofPrimary(later).cannotSign).toMatch(/self-signature/);
  });
});

describe('over any certificate and any time', () => {
  const day = fc.integer({ min: 0, max: 200 });
  const hashed = fc.array(
    fc.oneof(
      day.map((n) => subpackets.keyExpires(n * DAY)),
      day.map((n) => subpackets.expires(n * DAY)),
      fc.constantFrom(subpackets.flags(1), subpackets.flags(3)),
    ),
    { maxLength: 2 },
  );
  const options = fc.record({ created: day.map((n) => EPOCH + n * DAY), hashed });
  const reason = fc.constantFrom(0, 1, 2, 3, 32).map((code) => subpackets.reason(code));
  const revoking = fc
    .tuple(options, reason)
    .map(([one, code]) => ({ ...one, hashed: [...one.hashed, code] }));
  const certificates = fc
    .record({
      revoked: fc.array(revoking, { maxLength: 2 }),
      alice: fc.array(options, { minLength: 1, maxLength: 2 }),
      aliceGone: fc.array(revoking, { maxLength: 2 }),
      bob: fc.array(options, { maxLength: 1 }),
      bobGone: fc.array(revoking, { maxLength: 1 }),
      bound: fc.array(options, { minLength: 1, maxLength: 2 }),
      unbound: fc.array(revoking, { maxLength: 2 }),
    })
    .map((parts) =>
      keyring(
        key.key.packet,
        ...parts.revoked.map((one) => key.revoke(one)),
        alice,
        ...parts.alice.map((one) => key.certify(alice, one)),
        ...parts.aliceGone.map((one) => key.revokeUserId(alice, one)),
        ...(parts.bob.length > 0 ? [bob] : []),
        ...parts.bob.map((one) => key.certify(bob, one)),
        ...(parts.bob.length > 0 ? parts.bobGone.map((one) => key.revokeUserId(bob, one)) : []),
        subkey.key.packet,
        ...parts.bound.map((one) => key.bind(subkey, one)),
        ...parts.unbound.map((one) => key.revokeSubkey(subkey, one)),
      ),
    );
  const time = fc.integer({ min: -1, max: 420 }).map((n) => EPOCH + n * DAY);

  it('has something against a key exactly when the verdict has', async () => {
    await fc.assert(
      fc.asyncProperty(certificates, time, async (bytes, at) => {
        const { certificate: one } = await checked(bytes);
        for (const { key: judged, problem } of signingKeys(one, at)) {
          const { cannotSign, expires = Infinity, revocation } = keyStanding(one, judged, at);
          const against = cannotSign !== undefined || expires <= at || revocation !== undefined;
          expect(against, `${problem} ${JSON.stringify(keyStanding(one, judged, at))}`).toBe(
            problem !== undefined,
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  it('says the same until the time that it gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        certificates,
        time,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (bytes, at, part) => {
          const { certificate: one } = await checked(bytes);
          const until = Math.min(standingHolds(one, at), at + 1000 * DAY);
          const later = Math.floor(at + (until - 1 - at) * part);
          for (const judged of [key.key, subkey.key]) {
            expect(keyStanding(one, judged, later)).toEqual(keyStanding(one, judged, at));
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
