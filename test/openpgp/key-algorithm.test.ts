import { describe, expect, it } from 'vitest';

import { ByteReader, OutOfBytes } from '../../src/bytes/reader.ts';
import { readKeyAlgorithm, SIGNING_ONLY } from '../../src/openpgp/key-algorithm.ts';
import type { KeyAlgorithm } from '../../src/openpgp/key-algorithm.ts';
import {
  MAX_DSA_MODULUS_BITS,
  MAX_DSA_ORDER_BITS,
  MAX_RSA_EXPONENT_BITS,
  MAX_RSA_MODULUS_BITS,
} from '../../src/openpgp/limits.ts';

/** An integer of that many bits, as it stands in a key packet. */
function mpi(bits: number): Buffer {
  const octets = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  if (bits % 8 !== 0) octets[0] = 0xff >> (8 - (bits % 8));
  return Buffer.concat([Buffer.of(bits >> 8, bits & 0xff), octets]);
}

const read = (number: number, ...material: Uint8Array[]): KeyAlgorithm =>
  readKeyAlgorithm(number, new ByteReader(Buffer.concat(material)));
const oid = (hex: string): Buffer => Buffer.concat([Buffer.of(hex.length / 2), Buffer.from(hex, 'hex')]);
const unsupported = expect.objectContaining({ code: 'UNSUPPORTED_KEY' });
const EXPONENT = Buffer.of(0, 17, 1, 0, 1);

describe('readKeyAlgorithm', () => {
  it.each([1, 2, 3])('counts the bits of an RSA modulus as they are (algorithm %i)', (number) => {
    expect(read(number, mpi(1023), EXPONENT)).toEqual({ number, name: 'RSA', bits: 1023 });
    expect(read(number, mpi(4096), EXPONENT)).toEqual({ number, name: 'RSA', bits: 4096 });
  });

  it('counts the bits of the prime of DSA and ElGamal', () => {
    expect(read(17, mpi(3072), mpi(256))).toEqual({ number: 17, name: 'DSA', bits: 3072 });
    expect(read(16, mpi(2048))).toEqual({ number: 16, name: 'ElGamal', bits: 2048 });
    expect(read(20, mpi(1024))).toEqual({ number: 20, name: 'ElGamal', bits: 1024 });
  });

  it.each([
    ['2a8648ce3d030107', 'nistp256', 256],
    ['2b81040022', 'nistp384', 384],
    ['2b81040023', 'nistp521', 521],
    ['2b8104000a', 'secp256k1', 256],
    ['2b2403030208010107', 'brainpoolP256r1', 256],
    ['2b240303020801010b', 'brainpoolP384r1', 384],
    ['2b240303020801010d', 'brainpoolP512r1', 512],
  ])('knows the curve %s as %s of %i bits', (hex, curve, bits) => {
    expect(read(19, oid(hex))).toEqual({ number: 19, name: 'ECDSA', curve, bits });
    expect(read(18, oid(hex))).toEqual({ number: 18, name: 'ECDH', curve, bits });
  });

  it('gives EdDSA 256 bits, not the 263 of its encoded point', () => {
    expect(read(22, oid('2b06010401da470f01'), mpi(263))).toEqual({
      number: 22,
      name: 'EdDSA',
      curve: 'ed25519',
      bits: 256,
    });
    expect(read(18, oid('2b060104019755010501'), mpi(263))).toMatchObject({ curve: 'cv25519', bits: 256 });
  });

  it.each([
    [25, 'X25519', 256],
    [26, 'X448', 448],
    [27, 'Ed25519', 256],
    [28, 'Ed448', 456],
    [30, 'ML-DSA-65+Ed25519', 256],
    [31, 'ML-DSA-87+Ed448', 456],
    [32, 'SLH-DSA-SHAKE-128s', 256],
    [33, 'SLH-DSA-SHAKE-128f', 256],
    [34, 'SLH-DSA-SHAKE-256s', 512],
    [35, 'ML-KEM-768+X25519', 256],
    [36, 'ML-KEM-1024+X448', 448],
  ])('knows algorithm %i as %s of %i bits', (number, name, bits) => {
    expect(read(number)).toMatchObject({ number, name, bits });
  });

  it('describes every number, with a size that is never 0', () => {
    for (let number = 0; number < 256; number += 1) {
      const algorithm = read(number, Buffer.alloc(8));
      expect(algorithm.number).toBe(number);
      expect(algorithm.bits).toBeGreaterThan(0);
      expect(algorithm.name).not.toBe('');
    }
  });

  it('describes unknown algorithms and curves', () => {
    expect(read(99)).toEqual({ number: 99, name: 'Unknown', bits: 256 });
    expect(read(19, oid('2b0101'))).toEqual({ number: 19, name: 'ECDSA', bits: 256 });
  });

  it('U18: reads an ElGamal, DSA or RSA key of the integer 0', () => {
    expect(read(16, mpi(0)).bits).toBe(1);
    expect(read(17, mpi(0), mpi(0)).bits).toBe(1);
    expect(read(1, mpi(0), mpi(0)).bits).toBe(1);
  });

  it('U17: takes integers as large as the limits', () => {
    expect(read(1, mpi(MAX_RSA_MODULUS_BITS), mpi(MAX_RSA_EXPONENT_BITS)).bits).toBe(MAX_RSA_MODULUS_BITS);
    expect(read(17, mpi(MAX_DSA_MODULUS_BITS), mpi(MAX_DSA_ORDER_BITS)).bits).toBe(MAX_DSA_MODULUS_BITS);
  });

  it.each([
    ['an RSA modulus one bit too long', 1, MAX_RSA_MODULUS_BITS + 1, 17],
    ['the longest RSA modulus that can be written', 1, 65_535, 17],
    ['an RSA exponent one bit too long', 1, 2048, MAX_RSA_EXPONENT_BITS + 1],
    ['an RSA exponent of 4096 bits', 1, 4096, 4096],
    ['a DSA modulus one bit too long', 17, MAX_DSA_MODULUS_BITS + 1, 256],
    ['a DSA group order one bit too long', 17, 2048, MAX_DSA_ORDER_BITS + 1],
  ])('U17: refuses %s', (_, number, first, second) => {
    expect(() => read(number, mpi(first), mpi(second))).toThrow(unsupported);
  });

  it.each([1, 16, 17, 18, 19, 22])('throws OutOfBytes for cut-off material of algorithm %i', (number) => {
    expect(() => read(number)).toThrow(OutOfBytes);
    expect(() => read(number, Buffer.of(200))).toThrow(OutOfBytes);
  });
});

describe('SIGNING_ONLY', () => {
  it('holds no algorithm that can also encrypt', () => {
    for (const number of [1, 2, 16, 18, 20, 25, 26, 35, 36]) expect(SIGNING_ONLY.has(number)).toBe(false);
    for (const number of [3, 17, 19, 22, 27, 28]) expect(SIGNING_ONLY.has(number)).toBe(true);
  });
});
