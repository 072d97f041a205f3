/**
 * Repeatable choices from a seed (a multiplicative linear congruential generator with the constants of
 * Park and Miller, 1988): good enough to vary a test, for nothing else.
 *
 * @param {number} seed
 */
export function createRandom(seed) {
  const modulus = 2_147_483_647;
  let state = (Math.abs(Math.trunc(seed)) % (modulus - 1)) + 1;
  const next = () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
  return {
    /**
     * A whole number from `least` to `most`, both included.
     *
     * @param {number} least
     * @param {number} most
     */
    between(least, most) {
      return least + Math.floor(next() * (most - least + 1));
    },
    /** @param {number} probability */
    chance(probability) {
      return next() < probability;
    },
  };
}

/** @typedef {ReturnType<typeof createRandom>} Random */
