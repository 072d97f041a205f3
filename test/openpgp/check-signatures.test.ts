import { describe, expect, it } from 'vitest';

import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import { subkeySubject } from '../../src/openpgp/subject.ts';
import { DAY, EPOCH, keyring, sub, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { checked, hex, NOW, stateOf, stored, withIdentity } from './checked.ts';

describe('self-signatures', () => {
  it('U21 that are wrong take their component with them', async () => {
    const key = new TestKey();
    const [good, bad] = [userId('Good'), userId('Bad')];
    const bytes = keyring(key.key.packet, good, key.certify(good), bad, key.certify(bad, { broken: true }));
    const { certificate, leftOut } = await checked(bytes);
    expect(certificate.userIds.map(({ packet }) => Buffer.from(packet.body).toString())).toEqual(['Good']);
    expect(leftOut).toContainEqual({ what: 'user ID', why: 'no valid self-signature', count: 1 });
    const hopeless = keyring(key.key.packet, bad, key.certify(bad, { broken: true }));
    await expect(checked(hopeless)).rejects.toMatchObject({ code: 'NOTHING_VALID' });
  });

  it('U21 made for another user ID or another key do not count', async () => {
    const [key, other] = [new TestKey(), new TestKey()];
    const [alice, bob] = [userId('Alice'), userId('Bob')];
    const moved = keyring(key.key.packet, alice, key.certify(bob));
    const foreign = keyring(key.key.packet, alice, other.certify(alice));
    const swapped = keyring(key.key.packet, alice, key.certify(alice, { of: other }));
    for (const bytes of [moved, foreign, swapped]) {
      await expect(checked(bytes)).rejects.toMatchObject({ code: 'NOTHING_VALID' });
    }
  });

  it('that do not name their issuer are tried with the primary key', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const bytes = keyring(key.key.packet, alice, key.certify(alice, { anonymous: true, unhashed: [] }));
    expect(hex(await stored(bytes))).toBe(hex(bytes));
  });

  it('U23 from the future are kept, and do not count until then', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const bytes = keyring(
      key.key.packet,
      alice,
      key.certify(alice, { hashed: [subpackets.keyExpires(DAY)] }),
      key.certify(alice, { created: NOW + DAY }),
    );
    const { certificate } = await checked(bytes);
    expect(certificate.userIds[0]?.signatures).toHaveLength(2);
    expect(certificateState(certificate, NOW).expired).toBe(true);
    expect(certificateState(certificate, NOW + 2 * DAY).expired).toBe(false);
  });

  it('U29 F3 larger than the limit are dropped', async () => {
    const key = new TestKey();
    const [small, large] = [userId('Small'), userId('Large')];
    const bytes = keyring(
      key.key.packet,
      small,
      key.certify(small),
      large,
      key.certify(large, { hashed: [subpackets.notation(10_000)] }),
    );
    const { certificate, leftOut } = await checked(bytes);
    expect(certificate.userIds).toHaveLength(1);
    expect(leftOut).toContainEqual(
      expect.objectContaining({ what: 'signature', why: 'larger than 8383 octets' }),
    );
  });

  it('U36 that must not be exported are dropped', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const bytes = keyring(
      key.key.packet,
      alice,
      key.certify(alice, { hashed: [subpackets.notExportable()] }),
    );
    await expect(checked(bytes)).rejects.toMatchObject({ code: 'NOTHING_VALID' });
  });

  it('with a critical subpacket of unknown type are dropped (RFC 9580 §5.2.3.7)', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const strange = key.certify(alice, { hashed: [sub(77, [1], true)] });
    await expect(checked(keyring(key.key.packet, alice, strange))).rejects.toMatchObject({
      code: 'NOTHING_VALID',
    });
    const harmless = key.certify(alice, { hashed: [sub(77, [1])] });
    expect((await checked(keyring(key.key.packet, alice, harmless))).leftOut).toEqual([]);
  });

  it('of version 6 do not count on a version 4 key, nor the other way round', async () => {
    const [four, six] = [new TestKey(), new TestKey({ version: 6 })];
    const alice = userId('Alice');
    for (const [of, by] of [
      [four, six],
      [six, four],
    ] as const) {
      const crossed = by.certify(alice, { of, anonymous: true, unhashed: [] });
      await expect(checked(keyring(of.key.packet, alice, crossed))).rejects.toMatchObject({
        code: 'NOTHING_VALID',
      });
    }
  });

  it('more than the limit on verifications are refused as a whole', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const many = [0, 1, 2].map((day) => key.certify(alice, { created: EPOCH + day }));
    const limits = { ...DEFAULT_CHECK_LIMITS, selfSignatures: 2 };
    await expect(checked(keyring(key.key.packet, alice, ...many), { limits })).rejects.toMatchObject({
      code: 'CERTIFICATE_TOO_LARGE',
    });
  });

  it('U15 on the primary key are found wherever older software has put them', async () => {
    const key = new TestKey();
    const subkey = new TestKey({ subkey: true });
    const state = await stateOf(withIdentity(key, subkey.key.packet, key.bind(subkey), key.revoke()));
    expect(state.revoked).toBe(true);
    expect(state.subkeys[0]?.revoked).toBe(false);
  });
});

describe('unhashed subpackets', () => {
  it('U27 F3 are reduced to the issuer; the rest is what anybody may have added', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const issuer = sub(16, Buffer.from(key.key.keyId, 'hex'));
    const stuffed = key.certify(alice, {
      unhashed: [subpackets.notation(60_000), issuer, sub(100, [1, 2, 3])],
    });
    const clean = key.certify(alice, { unhashed: [issuer] });
    expect(hex(await stored(keyring(key.key.packet, alice, stuffed)))).toBe(
      hex(await stored(keyring(key.key.packet, alice, clean))),
    );
  });

  it('U26 of the same signature are united, and a false issuer is dropped', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const issuer = sub(16, Buffer.from(key.key.keyId, 'hex'));
    const fingerprint = sub(33, [4, ...Buffer.from(key.fingerprint, 'hex')]);
    const variants = [[issuer], [fingerprint], [], [fingerprint, issuer]].map((unhashed) =>
      key.certify(alice, { anonymous: true, unhashed }),
    );
    const { certificate } = await checked(keyring(key.key.packet, alice, ...variants));
    expect(certificate.userIds[0]?.signatures).toHaveLength(1);
    expect(certificate.userIds[0]?.signatures[0]?.unhashed.map(({ type }) => type)).toEqual([16, 33]);
    const lie = sub(16, Buffer.from(new TestKey().key.keyId, 'hex'));
    const both = await checked(
      keyring(key.key.packet, alice, key.certify(alice, { anonymous: true, unhashed: [lie, issuer] })),
    );
    expect(both.certificate.userIds[0]?.signatures[0]?.unhashed).toHaveLength(1);
  });

  it('and other spellings of its integers make no new signature of an old one', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    const alice = userId('Alice');
    const [certification, binding] = [key.certify(alice), key.bind(subkey, { backUnhashed: true })];
    const genuine = keyring(key.key.packet, alice, certification, subkey.key.packet, binding);
    const spelt = Array.from({ length: 20 }, (_, zeros) => respell(certification, zeros + 1));
    const backs = Array.from({ length: 20 }, (_, i) =>
      key.bind(subkey, {
        back: false,
        unhashed: [
          sub(16, Buffer.from(key.key.keyId, 'hex')),
          subpackets.embedded(
            subkey.signatureBody(0x19, subkeySubject(key.key, subkey.key), {
              unhashed: [sub(16, Buffer.from(subkey.key.keyId, 'hex')), subpackets.notation(i)],
            }),
          ),
        ],
      }),
    );
    const flooded = keyring(
      key.key.packet,
      alice,
      certification,
      ...spelt,
      subkey.key.packet,
      binding,
      ...backs,
    );
    expect(hex(await stored(flooded))).toBe(hex(await stored(genuine)));
  });

  it('keep a back-signature that verifies, and only that', async () => {
    const [key, subkey, thief] = [
      new TestKey(),
      new TestKey({ subkey: true }),
      new TestKey({ subkey: true }),
    ];
    const junk = subpackets.embedded(thief.signatureBody(0x19, Buffer.from('x')));
    const issuer = sub(16, Buffer.from(key.key.keyId, 'hex'));
    const binding = key.bind(subkey, { backUnhashed: true, unhashed: [issuer, junk] });
    const clean = key.bind(subkey, { backUnhashed: true, unhashed: [issuer] });
    expect(hex(await stored(withIdentity(key, subkey.key.packet, binding)))).toBe(
      hex(await stored(withIdentity(key, subkey.key.packet, clean))),
    );
  });
});

/** The same Ed25519 signature with zeros before its first integer. */
function respell(signature: Packet, zeros: number): Packet {
  const { tail, packet } = readSignature(signature);
  const head = packet.body.subarray(0, packet.body.length - tail.length);
  const integers = tail.subarray(4);
  const first = Math.ceil(Buffer.from(tail).readUInt16BE(2) / 8);
  const bits = Buffer.alloc(2);
  bits.writeUInt16BE((first + zeros) * 8);
  const body = Buffer.concat([head, tail.subarray(0, 2), bits, Buffer.alloc(zeros), integers]);
  return framePacket(2, body, { legacy: false, lengthOctets: 1 });
}
