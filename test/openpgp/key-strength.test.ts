import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { weaknessesOf, weaknessesOfKey } from '../../src/openpgp/key-strength.ts';
import { readRsaNumbers } from '../../src/openpgp/rsa-numbers.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { dsaSigner, ecdsaSigner, edwardsSigner, rsaSigner } from './any-signer.ts';
import { goodModulus, keyWith, primes } from './rsa-key.ts';

const GOOD = goodModulus();

describe('weaknessesOfKey', () => {
  it('finds nothing wrong with RSA of 2048 bits, Ed25519, Ed448 and ECDSA', () => {
    const keys = [
      rsaSigner(2048).key,
      keyWith(GOOD),
      keyWith(GOOD, { version: 6 }),
      new TestKey().key,
      new TestKey({ version: 6 }).key,
      edwardsSigner('ed448', 6).key,
      ecdsaSigner('P-256', '2A8648CE3D030107', 32).key,
      ecdsaSigner('secp256k1', '2B8104000A', 32).key,
    ];
    for (const key of keys) expect(weaknessesOfKey(key)).toEqual([]);
  });

  it('flags RSA below 2048 bits by the size it has', () => {
    expect(weaknessesOfKey(rsaSigner(1024).key)).toEqual(['SHORT_RSA']);
    const [p = 0n, q = 0n] = primes(2, 1023);
    expect(weaknessesOfKey(keyWith(p * q))).toEqual(['SHORT_RSA']);
  });

  it.each([
    { exponent: 0n, expected: ['BAD_EXPONENT'] },
    { exponent: 1n, expected: ['BAD_EXPONENT'] },
    { exponent: 2n, expected: ['BAD_EXPONENT'] },
    { exponent: 65_536n, expected: ['BAD_EXPONENT'] },
    { exponent: 3n, expected: ['EXPONENT_3'] },
    { exponent: 17n, expected: [] },
    { exponent: 41n, expected: [] },
  ])('says $expected of the RSA exponent $exponent', ({ exponent, expected }) => {
    expect(weaknessesOfKey(keyWith(GOOD, { exponent }))).toEqual(expected);
  });

  it('flags a modulus that a flipped bit has damaged, if it is even or otherwise has a small factor', () => {
    expect(weaknessesOfKey(keyWith(GOOD - 1n))).toEqual(['SMALL_FACTOR']);
    expect(weaknessesOfKey(keyWith(GOOD * 65_521n, { version: 6 }))).toEqual(['SMALL_FACTOR']);
    expect(weaknessesOfKey(keyWith(0n))).toEqual(['SHORT_RSA', 'SMALL_FACTOR']);
  });

  it('CVE-2017-15361: flags ROCA beside other weaknesses', () => {
    expect(weaknessesOfKey(keyWith(65_537n ** 8n))).toEqual(['SHORT_RSA', 'ROCA']);
  });

  it('flags DSA of any size, and ElGamal that claims to sign but not ElGamal for encryption', () => {
    expect(weaknessesOfKey(dsaSigner(2048, 256).key)).toEqual(['DSA']);
    expect(weaknessesOfKey(keyWith(GOOD, { algorithm: 20 }))).toEqual(['ELGAMAL_SIGNING']);
    expect(weaknessesOfKey(keyWith(GOOD, { algorithm: 16 }))).toEqual([]);
  });

  it('includes what kind and size alone tell, of any numbers', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 2100n), fc.bigInt(0n, 2n ** 64n - 1n), (modulus, exponent) => {
        const key = keyWith(modulus, { exponent });
        expect(readRsaNumbers(key)).toEqual({ modulus, exponent });
        expect(weaknessesOfKey(key)).toEqual(expect.arrayContaining(weaknessesOf(key.algorithm)));
      }),
    );
  });
});
