import { SMALL_PRIME_LIMIT } from './limits.ts';
import { productTree, remainders } from './product-tree.ts';
import type { ProductTree } from './product-tree.ts';

/** The primes below `limit`, ascending. */
export function primesBelow(limit: number): number[] {
  const composite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let candidate = 2; candidate < limit; candidate += 1) {
    if (composite[candidate] === 1) continue;
    primes.push(candidate);
    for (let multiple = candidate * candidate; multiple < limit; multiple += candidate) {
      composite[multiple] = 1;
    }
  }
  return primes;
}

/** Primes by threes: their product, below 2^48, can be divided as an ordinary number. */
interface SmallPrimes {
  readonly groups: readonly (readonly number[])[];
  readonly tree: ProductTree;
}

let prepared: SmallPrimes | undefined;

/** Made when first needed: it takes some milliseconds, and not every command looks at keys. */
function smallPrimes(): SmallPrimes {
  if (prepared === undefined) {
    const primes = primesBelow(SMALL_PRIME_LIMIT);
    const groups = Array.from({ length: Math.ceil(primes.length / 3) }, (_, i) =>
      primes.slice(3 * i, 3 * i + 3),
    );
    const products = groups.map((group) => BigInt(group.reduce((product, prime) => product * prime, 1)));
    prepared = { groups, tree: productTree(products) };
  }
  return prepared;
}

/** Whether a prime below `SMALL_PRIME_LIMIT` divides the number; true of 0. */
export function hasSmallFactor(integer: bigint): boolean {
  const { groups, tree } = smallPrimes();
  const rests = remainders(integer, tree);
  return groups.some((group, i) => {
    const rest = Number(rests[i] ?? 1n);
    return group.some((prime) => rest % prime === 0);
  });
}
