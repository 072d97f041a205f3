import { checkPrimeSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { looksLikeRoca } from '../../src/openpgp/roca.ts';
import { primesBelow } from '../../src/openpgp/small-factor.ts';
import { primes } from './rsa-key.ts';

const random = (bits: number): bigint => BigInt(`0x${randomBytes(bits / 8).toString('hex')}`);

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** A prime as Infineon's library made them; `count` primes go into M, by the length of the key. */
function faultyPrime(bits: number, count: number): bigint {
  const product = primesBelow(2000)
    .slice(0, count)
    .reduce((all, prime) => all * BigInt(prime), 1n);
  for (;;) {
    const start = 2n ** BigInt(bits - 1) + random(bits - 8);
    const candidate = start - (start % product) + power(65_537n, random(256), product);
    if (checkPrimeSync(candidate)) return candidate;
  }
}

describe('looksLikeRoca', () => {
  it.each([
    { bits: 512, count: 39 },
    { bits: 1024, count: 71 },
    { bits: 2048, count: 126 },
  ])('CVE-2017-15361: knows a modulus of $bits bits made in the faulty way', ({ bits, count }) => {
    const modulus = faultyPrime(bits / 2, count) * faultyPrime(bits / 2, count);
    expect(looksLikeRoca(modulus)).toBe(true);
    expect(looksLikeRoca(modulus + 2n)).toBe(false);
  });

  it('does not take a product of one faulty prime and a good one for faulty', () => {
    const [good = 0n] = primes(1, 256);
    expect(looksLikeRoca(faultyPrime(256, 39) * good)).toBe(false);
  });

  it('passes a thousand good moduli', () => {
    const some = primes(46, 512);
    const moduli = some.flatMap((one, i) => some.slice(i + 1).map((other) => one * other));
    expect(moduli.length).toBeGreaterThan(1000);
    expect(moduli.filter(looksLikeRoca)).toEqual([]);
  });
});
