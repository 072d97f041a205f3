import { median, spread } from './figures.mjs';

/**
 * A figure of interleaved rounds. `ours` and `yardstick` have one value for each round.
 *
 * @param {string} goal
 * @param {{ ours: readonly number[], yardstick: readonly number[] }} rounds
 * @param {Readonly<Record<string, number>>} figures
 * @param {(ours: number, yardstick: number) => number} [ratio]
 * @returns {import('./goals.mjs').Measured}
 */
export function measuredOf(goal, { ours, yardstick }, figures, ratio = (one, other) => one / other) {
  const ratios = ours.map((value, round) => ratio(value, yardstick[round] ?? Number.NaN));
  return {
    goal,
    ratio: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
    spread: spread(yardstick),
    figures,
  };
}
