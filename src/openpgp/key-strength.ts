/*
 * What keeps a single key from being strong. `weaknessesOf` looks at kind and size only and costs nothing;
 * `weaknessesOfKey` looks at the numbers too, which takes about a millisecond for an RSA key.
 */
import type { KeyAlgorithm } from './key-algorithm.ts';
import { STRONG_RSA_BITS } from './limits.ts';
import type { PublicKey } from './public-key.ts';
import { looksLikeRoca } from './roca.ts';
import { readRsaNumbers } from './rsa-numbers.ts';
import type { RsaNumbers } from './rsa-numbers.ts';
import { hasSmallFactor } from './small-factor.ts';

export type Weakness =
  /** RSA below `STRONG_RSA_BITS`. */
  | 'SHORT_RSA'
  /** DSA is not approved for signing any more (FIPS 186-5), whatever its size. */
  | 'DSA'
  /** ElGamal for signing and encryption (algorithm 20): RFC 9580 §9.1 forbids it. */
  | 'ELGAMAL_SIGNING'
  /** An RSA exponent that is even or below 3: this is not RSA, and with 1 anybody can sign. */
  | 'BAD_EXPONENT'
  /** The RSA exponent 3: verifiers that read padding loosely take forgeries (CVE-2006-4339 and its like). */
  | 'EXPONENT_3'
  /** A prime below 2^16 divides the RSA modulus: a damaged number, or a made-up one. */
  | 'SMALL_FACTOR'
  /** The RSA primes were made as Infineon's library made them (CVE-2017-15361). */
  | 'ROCA'
  /** The RSA modulus shares a prime with another one that is known: both can be factored at once. */
  | 'SHARED_FACTOR'
  /** Every self-signature, or every binding of a subkey, uses MD5, SHA-1 or RIPEMD-160. */
  | 'OLD_HASH';

/** By kind and size alone. */
export function weaknessesOf({ number, name, bits }: KeyAlgorithm): Weakness[] {
  if (name === 'DSA') return ['DSA'];
  if (number === ELGAMAL_SIGNING) return ['ELGAMAL_SIGNING'];
  return name === 'RSA' && bits < STRONG_RSA_BITS ? ['SHORT_RSA'] : [];
}

const ELGAMAL_SIGNING = 20;

const found = new WeakMap<PublicKey, readonly Weakness[]>();

/**
 * By kind, size and numbers; looked at once. What only a look at other keys or at signatures can tell is not
 * among them.
 */
export function weaknessesOfKey(key: PublicKey): readonly Weakness[] {
  const before = found.get(key);
  if (before !== undefined) return before;
  const numbers = readRsaNumbers(key);
  const byKind = weaknessesOf(key.algorithm);
  const weaknesses = numbers === undefined ? byKind : [...byKind, ...weaknessesOfNumbers(numbers)];
  found.set(key, weaknesses);
  return weaknesses;
}

/*
 * Odd exponents from 5 on are not reported: FIPS 186-5 wants more than 2^16, but 17 and 41, which GnuPG 1
 * used, are not known to be worse.
 */
function weaknessesOfNumbers({ modulus, exponent }: RsaNumbers): Weakness[] {
  const weaknesses: Weakness[] = [];
  if (exponent < 3n || exponent % 2n === 0n) weaknesses.push('BAD_EXPONENT');
  if (exponent === 3n) weaknesses.push('EXPONENT_3');
  if (hasSmallFactor(modulus)) weaknesses.push('SMALL_FACTOR');
  if (looksLikeRoca(modulus)) weaknesses.push('ROCA');
  return weaknesses;
}
