/*
 * Product and remainder trees: one large number modulo each of many small ones at little more than the cost
 * of one division (D. J. Bernstein, "Scaled remainder trees", 2004).
 */

/** The values, then the products of neighbours, and so on; the last level has one number. */
export type ProductTree = readonly (readonly bigint[])[];

/** At least one value, none of them 0. */
export function productTree(values: readonly bigint[]): ProductTree {
  const levels = [values];
  let level = values;
  while (level.length > 1) {
    level = pairProducts(level);
    levels.push(level);
  }
  return levels;
}

function pairProducts(level: readonly bigint[]): bigint[] {
  const products: bigint[] = [];
  for (let i = 0; i < level.length; i += 2) products.push((level[i] ?? 1n) * (level[i + 1] ?? 1n));
  return products;
}

/** The product of all values. */
export function productOf(tree: ProductTree): bigint {
  return tree.at(-1)?.[0] ?? 1n;
}

/** `value` modulo each of the tree's values, in one go. */
export function remainders(value: bigint, tree: ProductTree): readonly bigint[] {
  return tree.reduceRight<readonly bigint[]>(
    (above, level) => level.map((node, i) => (above[i >> 1] ?? 0n) % node),
    [value],
  );
}
