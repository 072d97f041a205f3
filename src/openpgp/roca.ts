/*
 * CVE-2017-15361, "ROCA" (Nemec, Sýs, Švenda, Klinec, Matyáš: "The Return of Coppersmith's Attack", CCS
 * 2017, §3). Infineon's library made each prime as k·M + (65537^a mod M), where M is the product of the first
 * 39 primes at least, more for longer keys. The product of two such primes is, modulo M, a power of 65537
 * too, and so modulo every prime that divides M. Of other moduli all this is true by chance about once in
 * 2^28.
 */
import { primesBelow } from './small-factor.ts';

/** The first 39 primes are 2 to 167; powers of 65537 are all there is modulo 2. */
const PRIMES: readonly number[] = primesBelow(168).filter((prime) => prime > 2);

const GENERATOR = 65_537;

/** For each prime, which residues are powers of the generator. */
const POWERS: readonly ReadonlySet<number>[] = PRIMES.map(powersModulo);

const PRODUCT: bigint = PRIMES.reduce((product, prime) => product * BigInt(prime), 1n);

function powersModulo(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * GENERATOR) % prime) powers.add(power);
  return powers;
}

/** Whether the modulus has the mark that primes of that library leave. */
export function looksLikeRoca(modulus: bigint): boolean {
  const rest = modulus % PRODUCT;
  return PRIMES.every((prime, i) => POWERS[i]?.has(Number(rest % BigInt(prime))) === true);
}
