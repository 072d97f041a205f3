import { describe, expect, it } from 'vitest';

import { certificateState } from '../../src/openpgp/state.ts';
import type { CertificateState } from '../../src/openpgp/state.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import { subkeySubject } from '../../src/openpgp/subject.ts';
import {
  DAY,
  EPOCH,
  keyring,
  makeCertificate,
  sub,
  subpackets,
  TestKey,
  userId,
} from '../fixtures/test-key.ts';
import { checked, stored } from './checked.ts';

const NOW = EPOCH + 365 * DAY;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function stateOf(bytes: Uint8Array): Promise<CertificateState> {
  return certificateState((await checked(bytes)).certificate, NOW);
}

/** Primary key with one certified user ID, and whatever comes after. */
function withIdentity(key: TestKey, ...more: Packet[]): Uint8Array {
  const alice = userId('Alice <alice@example.org>');
  return keyring(key.key.packet, alice, key.certify(alice), ...more);
}

describe('a certificate that its owner made', () => {
  it.each([4, 6] as const)('of version %i is kept byte for byte', async (version) => {
    const { bytes } = makeCertificate(['Alice <a@example.org>'], { version });
    const { leftOut } = await checked(bytes);
    expect(leftOut).toEqual([]);
    expect(hex(await stored(bytes))).toBe(hex(bytes));
  });

  it('U19 without a user ID is kept for a direct-key signature, or for a bound subkey', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    expect(hex(await stored(keyring(key.key.packet, key.direct())))).toBe(
      hex(keyring(key.key.packet, key.direct())),
    );
    const { certificate } = await checked(keyring(key.key.packet, subkey.key.packet, key.bind(subkey)));
    expect(certificate.subkeys).toHaveLength(1);
  });

  it('U20 is refused when nothing in it is signed', async () => {
    const key = new TestKey();
    await expect(checked(keyring(key.key.packet))).rejects.toMatchObject({ code: 'NOTHING_VALID' });
    await expect(checked(keyring(key.key.packet, userId('A')))).rejects.toMatchObject({
      code: 'NOTHING_VALID',
    });
  });

  it('U24 has each user ID once, with the signatures of all its copies', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const [older, newer] = [key.certify(alice), key.certify(alice, { created: EPOCH + DAY })];
    const { certificate } = await checked(keyring(key.key.packet, alice, older, alice, newer, alice, older));
    expect(certificate.userIds).toHaveLength(1);
    expect(certificate.userIds[0]?.signatures).toHaveLength(2);
  });

  it('U25 keeps user IDs apart that differ in case or composition only', async () => {
    const { bytes } = makeCertificate(['Jürgen', 'jürgen', 'Ju\u0308rgen']);
    expect((await checked(bytes)).certificate.userIds).toHaveLength(3);
  });
});

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

  it('U29 larger than the limit are dropped', async () => {
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
  it('U27 are reduced to the issuer; the rest is what anybody may have added', async () => {
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

describe('what others have added', () => {
  it('U28 is stripped, and so many certifications are not even verified', async () => {
    const [key, other] = [new TestKey(), new TestKey()];
    const alice = userId('Alice');
    const template = other.certify(alice, { of: key });
    const flood = Array.from({ length: 10_000 }, () => template);
    const { certificate, leftOut } = await checked(
      keyring(key.key.packet, alice, key.certify(alice), ...flood),
    );
    expect(certificate.userIds[0]?.signatures).toHaveLength(1);
    expect(leftOut).toEqual([expect.objectContaining({ what: 'third-party certification' })]);
  });

  it('U31 user attributes are dropped with their signatures', async () => {
    const key = new TestKey();
    const attribute = framePacket(17, Buffer.alloc(5000, 1), { legacy: false, lengthOctets: 1 });
    const { certificate, leftOut } = await checked(
      withIdentity(key, attribute, key.direct({ hashed: [subpackets.flags(1)] }), key.certify(attribute)),
    );
    expect(certificate.userIds[0]?.signatures).toHaveLength(1);
    expect(leftOut).toEqual([{ what: 'user attribute', why: 'not kept by this server', count: 1 }]);
  });

  it('U35 signatures of a type that has no place there are dropped', async () => {
    const key = new TestKey();
    const { certificate, leftOut } = await checked(withIdentity(key, key.sign(0x00, Buffer.from('text'))));
    expect(certificate.userIds[0]?.signatures).toHaveLength(1);
    expect(leftOut[0]).toMatchObject({ why: 'of a type that has no place there' });
  });

  it('U43 U45 signatures of version 3, of unknown algorithms, or unreadable ones are dropped', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const raw = (...octets: number[]): Packet =>
      framePacket(2, Buffer.from(octets), { legacy: false, lengthOctets: 1 });
    const strange = Buffer.from(key.certify(alice).body);
    strange[2] = 99;
    const bytes = keyring(
      key.key.packet,
      alice,
      key.certify(alice),
      raw(3, 5, 0x10, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 0, 0),
      raw(4, 0x13, 22, 8, 0xff, 0xff),
      framePacket(2, strange, { legacy: false, lengthOctets: 1 }),
    );
    const { certificate, leftOut } = await checked(bytes);
    expect(certificate.userIds[0]?.signatures).toHaveLength(1);
    expect(leftOut.map(({ why }) => why)).toEqual(['version 3', 'cannot be read', 'does not verify']);
  });
});

describe('limits', () => {
  it('U30 a user ID that is empty or too long is dropped; alone it leaves nothing', async () => {
    const long = 'x'.repeat(5000);
    const { certificate, leftOut } = await checked(makeCertificate(['Alice', long, '']).bytes);
    expect(certificate.userIds).toHaveLength(1);
    expect(leftOut.map(({ why }) => why)).toEqual(['longer than 1024 octets', 'empty']);
    const key = new TestKey();
    const packet = userId(long);
    await expect(checked(keyring(key.key.packet, packet, key.certify(packet)))).rejects.toMatchObject({
      code: 'NOTHING_VALID',
    });
  });

  it('U32 a certificate over a limit is refused, and the message names the limit', async () => {
    const { bytes } = makeCertificate(['A', 'B', 'C']);
    for (const [name, most] of [
      ['userIds', 2],
      ['subkeys', 0],
      ['certificateOctets', 300],
      ['keyOctets', 20],
    ] as const) {
      const limits = { ...DEFAULT_CHECK_LIMITS, [name]: most };
      const refused = checked(bytes, { limits });
      await expect(refused).rejects.toMatchObject({ code: 'CERTIFICATE_TOO_LARGE' });
      await expect(refused).rejects.toThrow(String(most));
    }
  });

  it('a subkey over the limit is dropped', async () => {
    const key = new TestKey();
    const huge = framePacket(14, Buffer.alloc(9000, 4), { legacy: false, lengthOctets: 1 });
    const { leftOut } = await checked(withIdentity(key, huge));
    expect(leftOut[0]).toMatchObject({ what: 'subkey', why: 'larger than 8383 octets' });
  });
});

describe('subkeys', () => {
  it('U33 without a binding by this primary key are dropped', async () => {
    const [key, thief, subkey] = [new TestKey(), new TestKey(), new TestKey({ subkey: true })];
    for (const bytes of [
      withIdentity(key, subkey.key.packet),
      withIdentity(key, subkey.key.packet, thief.bind(subkey)),
      withIdentity(key, subkey.key.packet, key.bind(subkey, { broken: true })),
    ]) {
      const { certificate, leftOut } = await checked(bytes);
      expect(certificate.subkeys).toHaveLength(0);
      expect(leftOut).toContainEqual(expect.objectContaining({ what: 'subkey', count: 1 }));
    }
  });

  it('U33 that can sign are dropped when they do not sign back', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    const other = new TestKey();
    const stolen = key.bind(subkey, { back: false });
    const wrongBack = key.bind(subkey, {
      back: false,
      hashed: [subpackets.embedded(other.signatureBody(0x19, Buffer.from('else')))],
    });
    const unreadable = key.bind(subkey, {
      back: false,
      unhashed: [sub(16, Buffer.from(key.key.keyId, 'hex')), subpackets.embedded(Buffer.of(4))],
    });
    for (const binding of [stolen, wrongBack, unreadable]) {
      const { certificate, leftOut } = await checked(withIdentity(key, subkey.key.packet, binding));
      expect(certificate.subkeys).toHaveLength(0);
      expect(leftOut).toContainEqual(expect.objectContaining({ what: 'subkey binding' }));
    }
  });

  it('U33 that have no key flags but can only sign must sign back as well', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    const flagless = key.sign(0x18, subkeySubject(key.key, subkey.key));
    expect((await checked(withIdentity(key, subkey.key.packet, flagless))).certificate.subkeys).toHaveLength(
      0,
    );
  });

  it('U34 bound to two primary keys belong to each that they have signed back to', async () => {
    const [one, two, subkey] = [new TestKey(), new TestKey(), new TestKey({ subkey: true })];
    for (const key of [one, two]) {
      const { certificate } = await checked(withIdentity(key, subkey.key.packet, key.bind(subkey)));
      expect(certificate.subkeys).toHaveLength(1);
    }
  });

  it('U44 of unknown algorithms are kept under a valid binding, unless they could sign', async () => {
    const key = new TestKey();
    const pqc = framePacket(14, Buffer.concat([Buffer.of(4, 0x65, 0x92, 0, 0, 35), Buffer.alloc(1216, 9)]), {
      legacy: false,
      lengthOctets: 1,
    });
    const { certificate } = await checked(
      withIdentity(key, pqc, key.bind(subkeyOf(pqc), { flags: 0x0c, back: false })),
    );
    expect(certificate.subkeys[0]?.key.algorithm).toMatchObject({ number: 35, name: 'ML-KEM-768+X25519' });
    const signing = await checked(
      withIdentity(key, pqc, key.bind(subkeyOf(pqc), { flags: 0x02, back: false })),
    );
    expect(signing.certificate.subkeys).toHaveLength(0);
  });

  it('U44 of a version that does not go with the primary key, or unreadable, are dropped', async () => {
    const key = new TestKey();
    const six = new TestKey({ version: 6, subkey: true });
    const three = framePacket(14, Buffer.of(3, 0, 0, 0, 0, 0, 0, 1), { legacy: false, lengthOctets: 1 });
    const cut = framePacket(14, Buffer.of(4, 0, 0), { legacy: false, lengthOctets: 1 });
    const { certificate, leftOut } = await checked(
      withIdentity(key, six.key.packet, key.bind(six, { flags: 0x0c, back: false }), three, cut),
    );
    expect(certificate.subkeys).toHaveLength(0);
    expect(leftOut.map(({ why }) => why)).toEqual([
      'of version 6 under a primary key of version 4',
      'a key of version 3',
      'cannot be read',
    ]);
  });

  it('keep a revocation that comes without its binding, so that no order of uploads loses it', async () => {
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    const bytes = withIdentity(key, subkey.key.packet, key.revokeSubkey(subkey));
    const { certificate } = await checked(bytes);
    expect(certificate.subkeys).toHaveLength(1);
    expect(certificateState(certificate, NOW).subkeys).toHaveLength(0);
  });
});

/** A stand-in whose key packet is the given one. */
function subkeyOf(packet: Packet): TestKey {
  const key = new TestKey({ subkey: true });
  return Object.defineProperty(key, 'key', { value: { ...key.key, packet } });
}

describe('primary keys', () => {
  it.each([2, 3, 5])('U43 U44 of version %i are refused with a text', async (version) => {
    const packet = framePacket(6, Buffer.of(version, 0, 0, 0, 1, 0, 1, 1), {
      legacy: false,
      lengthOctets: 1,
    });
    const refused = checked(keyring(packet));
    await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED_KEY' });
    await expect(refused).rejects.toThrow(`version ${version}`);
  });

  it('U17 U18 with senseless key material leave nothing valid, and no other error', async () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const mpi = (...octets: number[]): number[] => [0, octets.length * 8, ...octets];
    const bodies = [
      [1, ...mpi(0x80), ...mpi(1)],
      [1, ...mpi(), ...mpi()],
      [17, ...mpi(), ...mpi(), ...mpi(), ...mpi()],
      [17, ...mpi(1), ...mpi(1), ...mpi(1), ...mpi(1)],
      [19, 8, ...Buffer.from('2a8648ce3d030107', 'hex'), ...mpi(4, ...Array(64).fill(0xff))],
      [22, 9, ...Buffer.from('2b06010401da470f01', 'hex'), ...mpi(0x40, ...Array(32).fill(0xff))],
      [99, 1, 2, 3],
    ];
    for (const body of bodies) {
      const packet = framePacket(6, Buffer.from([4, 0, 0, 0, 1, ...body]), {
        legacy: false,
        lengthOctets: 1,
      });
      const signature = Buffer.from(key.certify(alice, { anonymous: true, unhashed: [] }).body);
      signature[2] = body[0] ?? 0;
      const certification = framePacket(2, signature, { legacy: false, lengthOctets: 1 });
      await expect(checked(keyring(packet, alice, certification))).rejects.toMatchObject({
        code: 'NOTHING_VALID',
      });
    }
  });

  it('U17 with oversized integers are refused before anything is computed', async () => {
    const modulus = Buffer.concat([Buffer.of(0xff, 0xff), Buffer.alloc(8192, 0xff)]);
    const packet = framePacket(
      6,
      Buffer.concat([Buffer.of(4, 0, 0, 0, 1, 1), modulus, Buffer.of(0, 17, 1, 0, 1)]),
      {
        legacy: false,
        lengthOctets: 1,
      },
    );
    await expect(checked(keyring(packet))).rejects.toMatchObject({ code: 'UNSUPPORTED_KEY' });
    const exponent = framePacket(
      6,
      Buffer.concat([
        Buffer.of(4, 0, 0, 0, 1, 1, 4, 0),
        Buffer.alloc(128, 0xff),
        Buffer.of(4, 0),
        Buffer.alloc(128, 0xff),
      ]),
      { legacy: false, lengthOctets: 1 },
    );
    await expect(checked(keyring(exponent))).rejects.toMatchObject({ code: 'UNSUPPORTED_KEY' });
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
