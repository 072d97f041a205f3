import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { productOf, productTree, remainders } from '../../src/openpgp/product-tree.ts';

describe('productTree and remainders', () => {
  it('give what multiplying and dividing one by one gives, for any number of values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(1n, 2n ** 200n), { minLength: 1, maxLength: 40 }),
        fc.bigInt(0n, 2n ** 4000n),
        (values, value) => {
          const tree = productTree(values);
          expect(productOf(tree)).toBe(values.reduce((product, one) => product * one, 1n));
          expect(remainders(value, tree)).toEqual(values.map((one) => value % one));
        },
      ),
    );
  });
});
