import { describe, expect, it } from 'vitest';

import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { DAY, EPOCH, keyring, makeCertificate, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { checked, hex, stored, withIdentity } from './checked.ts';

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

describe('what others have added', () => {
  it('U28 CVE-2019-13050 is stripped, and so many certifications are not even verified', async () => {
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

  it('U31 F4 user attributes are dropped with their signatures', async () => {
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
