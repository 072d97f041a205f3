/*
 * RSA moduli that share a prime, as badly seeded machines make them (Heninger, Durumeric, Wustrow, Halderman:
 * "Mining Your Ps and Qs", 2012, §3.2; Bernstein: "How to find smooth parts of integers", 2004). Each
 * modulus is compared with the product of all others at once. The products are kept to `MAX_BATCH_BITS`, and
 * other work gets its turn between steps: this runs beside a server.
 */
import { setImmediate as otherWork } from 'node:timers/promises';

import { MAX_BATCH_BITS, MAX_COMPARED_BITS } from './limits.ts';
import { productOf, productTree } from './product-tree.ts';
import type { ProductTree } from './product-tree.ts';

export interface SharedFactor {
  readonly modulus: bigint;
  /** What it has in common with all the others; the modulus itself when that is both of its primes. */
  readonly factor: bigint;
}

export interface SharedFactors {
  readonly found: readonly SharedFactor[];
  /** Different moduli that were compared. */
  readonly compared: number;
  /** Moduli that were not, because there were more than `MAX_COMPARED_BITS` before them. */
  readonly leftOut: number;
}

/**
 * Finds all moduli that have a factor in common with another one. The same modulus twice is one; 0 and 1 are
 * passed over. Rejects with the reason of `signal` when that is aborted.
 */
export async function findSharedFactors(
  moduli: Iterable<bigint>,
  signal?: AbortSignal,
): Promise<SharedFactors> {
  const { batches, compared, leftOut } = intoBatches(moduli);
  const pause = async (): Promise<void> => {
    await otherWork();
    signal?.throwIfAborted();
  };
  const trees: ProductTree[] = [];
  for (const batch of batches) {
    await pause();
    trees.push(productTree(batch));
  }
  const products = trees.map(productOf);
  const found: SharedFactor[] = [];
  for (const [i, tree] of trees.entries()) {
    found.push(...(await sharedInBatch(tree, products.toSpliced(i, 1), pause)));
  }
  return { found, compared, leftOut };
}

interface Batches {
  readonly batches: readonly (readonly bigint[])[];
  readonly compared: number;
  readonly leftOut: number;
}

function intoBatches(moduli: Iterable<bigint>): Batches {
  const batches: bigint[][] = [];
  let [left, room, compared, leftOut] = [MAX_COMPARED_BITS, 0, 0, 0];
  for (const modulus of new Set(moduli)) {
    if (modulus < 2n) continue;
    const bits = modulus.toString(16).length * 4;
    if (bits > left) {
      leftOut += 1;
      continue;
    }
    if (bits > room || batches.length === 0) {
      batches.push([]);
      room = MAX_BATCH_BITS;
    }
    batches.at(-1)?.push(modulus);
    room -= bits;
    left -= bits;
    compared += 1;
  }
  return { batches, compared, leftOut };
}

async function sharedInBatch(
  tree: ProductTree,
  otherProducts: readonly bigint[],
  pause: () => Promise<void>,
): Promise<SharedFactor[]> {
  const own = productOf(tree);
  let others = 1n;
  for (const product of otherProducts) {
    await pause();
    others *= product % own;
    await pause();
    others %= own;
  }
  // The product of all moduli, modulo the square of each: divided by the modulus it is that of all others.
  let all: readonly bigint[] = [others * own];
  for (const level of tree.toReversed()) {
    const below: bigint[] = [];
    for (const [i, node] of level.entries()) {
      await pause();
      below.push((all[i >> 1] ?? 0n) % (node * node));
    }
    all = below;
  }
  const found: SharedFactor[] = [];
  for (const [i, modulus] of (tree[0] ?? []).entries()) {
    await pause();
    const factor = greatestCommonDivisor(modulus, (all[i] ?? 0n) / modulus);
    if (factor !== 1n) found.push({ modulus, factor });
  }
  return found;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [large, small] = [a, b];
  while (small !== 0n) [large, small] = [small, large % small];
  return large;
}
