import type { KeyAlgorithm } from './key-algorithm.ts';
import { STRONG_RSA_BITS } from './limits.ts';

/** What keeps a key from being strong. */
export type Weakness = 'SHORT_RSA' | 'DSA';

/** DSA is not approved for signing any more (FIPS 186-5), whatever its size. */
export function weaknessesOf({ name, bits }: KeyAlgorithm): Weakness[] {
  if (name === 'DSA') return ['DSA'];
  return name === 'RSA' && bits < STRONG_RSA_BITS ? ['SHORT_RSA'] : [];
}
