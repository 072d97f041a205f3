import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MAX_BATCH_BITS, MAX_COMPARED_BITS } from '../../src/openpgp/limits.ts';
import { findSharedFactors } from '../../src/openpgp/shared-factor.ts';
import { primes } from './rsa-key.ts';

const POOL = primes(12, 128);
const prime = (i: number): bigint => POOL[i] ?? 0n;

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

describe('findSharedFactors', () => {
  it('names both keys that share a prime, the prime, and no others', async () => {
    const [weak, other, good] = [prime(0) * prime(1), prime(0) * prime(2), prime(3) * prime(4)];
    expect(await findSharedFactors([weak, good, other])).toEqual({
      found: [
        { modulus: weak, factor: prime(0) },
        { modulus: other, factor: prime(0) },
      ],
      compared: 3,
      leftOut: 0,
    });
  });

  it('gives the modulus itself when both its primes are shared', async () => {
    const both = prime(0) * prime(1);
    const { found } = await findSharedFactors([both, prime(0) * prime(2), prime(1) * prime(3)]);
    expect(found).toContainEqual({ modulus: both, factor: both });
    expect(found).toHaveLength(3);
  });

  it('takes the same modulus twice for one key, and passes over 0 and 1', async () => {
    const modulus = prime(0) * prime(1);
    expect(await findSharedFactors([modulus, 0n, 1n, modulus])).toEqual({
      found: [],
      compared: 1,
      leftOut: 0,
    });
    expect(await findSharedFactors([])).toEqual({ found: [], compared: 0, leftOut: 0 });
  });

  it('finds what comparing each with each finds', async () => {
    const integer = fc.oneof(
      fc.tuple(fc.nat(11), fc.nat(11)).map(([i, j]) => prime(i) * prime(j)),
      fc.bigInt(0n, 1000n),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(integer, { maxLength: 20 }), async (moduli) => {
        const distinct = [...new Set(moduli)].filter((one) => one > 1n);
        const sharing = distinct.filter((one) =>
          distinct.some((other) => other !== one && gcd(one, other) !== 1n),
        );
        const { found } = await findSharedFactors(moduli);
        expect(found.map(({ modulus }) => modulus)).toEqual(sharing);
        for (const { modulus, factor } of found) expect(modulus % factor).toBe(0n);
      }),
    );
  });

  it('compares across batches, two batches with the same product too', async () => {
    const bases = primes(6, 512);
    const [a = 0n, b = 0n, c = 0n, d = 0n] = bases;
    // As long as a batch may be, by one half: each pair fills a batch.
    const exponent = BigInt(Math.floor(MAX_BATCH_BITS / 2 / 1024) - 1);
    const [ab, cd, ac, bd] = [a * b, c * d, a * c, b * d].map((one) => one ** exponent);
    const { found } = await findSharedFactors([ab ?? 0n, cd ?? 0n, ac ?? 0n, bd ?? 0n]);
    expect(found).toHaveLength(4);
  });

  it('leaves out what is over the limit, and counts it', async () => {
    const huge = 1n << BigInt(MAX_COMPARED_BITS);
    const { found, compared, leftOut } = await findSharedFactors([huge, 6n, 10n]);
    expect(found.map(({ modulus }) => modulus)).toEqual([6n, 10n]);
    expect({ compared, leftOut }).toEqual({ compared: 2, leftOut: 1 });
  });

  it('lets other work have its turn', async () => {
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await findSharedFactors(POOL);
    done = true;
    expect(turns).toBeGreaterThan(POOL.length);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const running = findSharedFactors(POOL, stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(running).rejects.toThrow('shutting down');
  });
});
