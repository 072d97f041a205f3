import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hasSmallFactor, primesBelow } from '../../src/openpgp/small-factor.ts';
import { primes } from './rsa-key.ts';

const SMALL = primesBelow(65_536);

describe('primesBelow', () => {
  it('lists the primes below a limit, without the limit', () => {
    expect(primesBelow(11)).toEqual([2, 3, 5, 7]);
    expect(SMALL).toHaveLength(6542);
    expect(SMALL.at(-1)).toBe(65_521);
  });
});

describe('hasSmallFactor', () => {
  const large = primes(4, 256);

  it('finds primes from all over the range, the first and the last too, in a product with a large one', () => {
    const some = SMALL.filter((prime, i) => i % 20 === 0 || prime === SMALL.at(-1));
    const missed = some.filter((prime) => !hasSmallFactor(BigInt(prime) * (large[0] ?? 1n)));
    expect(missed).toEqual([]);
  });

  it('finds none in products of large primes, and not the first prime above 2^16', () => {
    for (const one of large) for (const other of large) expect(hasSmallFactor(one * other)).toBe(false);
    expect(hasSmallFactor(65_537n * (large[0] ?? 1n))).toBe(false);
  });

  it('agrees with dividing by one prime after another', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 600n), (integer) => {
        expect(hasSmallFactor(integer)).toBe(SMALL.some((prime) => integer % BigInt(prime) === 0n));
      }),
    );
  });

  it('says yes of 0 and no of 1', () => {
    expect([hasSmallFactor(0n), hasSmallFactor(1n)]).toEqual([true, false]);
  });
});
