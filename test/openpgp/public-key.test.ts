import { describe, expect, it } from 'vitest';

import { framePacket, PUBLIC_KEY, splitPackets } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { keyVersion, readPublicKey } from '../../src/openpgp/public-key.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { HAVE_VECTORS, vector } from './vectors.ts';

const packetOf = (body: Uint8Array): Packet =>
  framePacket(PUBLIC_KEY, body, { legacy: false, lengthOctets: 1 });
const refusal = (code: string): unknown => expect.objectContaining({ name: 'OpenPgpError', code });
/** ElGamal, so that the material is one integer. */
const head = (version: number, created: number[] = [0x65, 0x92, 0, 0]): number[] => [
  version,
  ...created,
  16,
  ...(version >= 5 ? [0, 0, 0, 3] : []),
];
const MATERIAL = [0, 1, 1];

describe('keyVersion', () => {
  it('is the first octet of the body, and 0 when there is none', () => {
    expect(keyVersion(packetOf(Uint8Array.of(6)))).toBe(6);
    expect(keyVersion(packetOf(new Uint8Array()))).toBe(0);
  });
});

describe('readPublicKey', () => {
  it.each([4, 5, 6])('reads a key of version %i', (version) => {
    const packet = packetOf(Uint8Array.from([...head(version), ...MATERIAL]));
    const key = readPublicKey(packet);
    expect(key).toMatchObject({
      version,
      created: 0x65920000,
      algorithm: { number: 16, name: 'ElGamal', bits: 1 },
    });
    expect(key.packet).toBe(packet);
    expect(key.fingerprint).toHaveLength(version === 4 ? 40 : 64);
    expect(key.fingerprint).toContain(key.keyId);
    expect(key.keyId).toHaveLength(16);
  });

  it('reads EdDSA keys as version 4 writes them and Ed25519 keys as version 6 does', () => {
    expect(new TestKey().key).toMatchObject({ version: 4, algorithm: { number: 22, curve: 'ed25519' } });
    expect(new TestKey({ version: 6 }).key).toMatchObject({
      version: 6,
      algorithm: { number: 27, curve: 'ed25519' },
    });
  });

  it('U46: reads the first and the last creation time there are', () => {
    expect(readPublicKey(packetOf(Uint8Array.from([...head(4, [0, 0, 0, 0]), ...MATERIAL]))).created).toBe(0);
    const last = readPublicKey(packetOf(Uint8Array.from([...head(4, [255, 255, 255, 255]), ...MATERIAL])));
    expect(last.created).toBe(2 ** 32 - 1);
  });

  it.each([0, 1, 2, 3, 7, 255])('refuses version %i', (version) => {
    const packet = packetOf(Uint8Array.from([version, 0, 0, 0, 0, 0, 0, 1]));
    expect(() => readPublicKey(packet)).toThrow(refusal('UNSUPPORTED_KEY'));
  });

  it.each([4, 5, 6])('refuses a key of version %i that is cut off anywhere', (version) => {
    const body = Uint8Array.from([...head(version), ...MATERIAL]);
    for (let length = 0; length < body.length; length += 1) {
      expect(() => readPublicKey(packetOf(body.subarray(0, length)))).toThrow(refusal('BAD_CERTIFICATE'));
    }
  });

  it('U17: refuses an RSA key over the limits', () => {
    const modulus = [0xff, 0xff, ...new Uint8Array(8192).fill(0xff)];
    const packet = packetOf(Uint8Array.from([4, 0, 0, 0, 0, 1, ...modulus, 0, 2, 3]));
    expect(() => readPublicKey(packet)).toThrow(refusal('UNSUPPORTED_KEY'));
  });

  it('refuses a version 4 key too long to have a fingerprint, and takes a version 6 key of that size', () => {
    const long = (version: number): Packet =>
      packetOf(Buffer.concat([Uint8Array.from([...head(version), ...MATERIAL]), Buffer.alloc(65_536)]));
    expect(() => readPublicKey(long(4))).toThrow(refusal('BAD_CERTIFICATE'));
    expect(readPublicKey(long(6)).fingerprint).toHaveLength(64);
  });

  it.skipIf(!HAVE_VECTORS)(
    'reads published keys of versions 4, 5 and 6 (skipped without ../shared/testdata)',
    () => {
      const primary = (path: string): Packet[] =>
        splitPackets(vector(path)).filter(({ tag }) => tag === PUBLIC_KEY);
      const read = (path: string): unknown[] => primary(path).map(readPublicKey);
      expect(read('vectors/alice.pgp')).toMatchObject([
        {
          version: 4,
          created: 1548158185,
          keyId: 'F231550C4F47E38E',
          algorithm: { name: 'EdDSA', bits: 256 },
        },
      ]);
      expect(read('vectors/bob.pgp')).toMatchObject([{ version: 4, algorithm: { name: 'RSA', bits: 3072 } }]);
      expect(read('vectors/carol.pgp')).toMatchObject([
        { version: 4, algorithm: { name: 'DSA', bits: 3072 } },
      ]);
      expect(read('vectors/david.pgp')).toMatchObject([
        { version: 6, keyId: '4199D9EAA6682A78', algorithm: { name: 'Ed25519', bits: 256 } },
      ]);
      expect(read('vectors/emma.pgp')).toMatchObject([{ version: 5 }]);
      expect(() => read('vectors/john.pgp')).toThrow(refusal('UNSUPPORTED_KEY'));
    },
  );
});
