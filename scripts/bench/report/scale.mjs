/* Logarithmic axes: ratios and sizes are compared by factors. */

/**
 * @param {number} least
 * @param {number} most
 * @param {number} from pixels of `least`
 * @param {number} to pixels of `most`
 * @returns {(value: number) => number} pixels; values beyond the ends are drawn at the ends
 */
export function logScale(least, most, from, to) {
  const [low, high] = [Math.log(least), Math.log(most)];
  return (value) => {
    const share = value > 0 ? (Math.log(value) - low) / (high - low) : 0;
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  };
}

/**
 * 1, 2 and 5 times powers of ten between the ends, or powers of ten alone where those would be too many.
 *
 * @param {number} least
 * @param {number} most
 */
export function ticks(least, most) {
  const powers = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power += 1) {
    powers.push(power);
  }
  const steps = powers.length > 4 ? [1] : [1, 2, 5];
  return powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(1))))
    .filter((tick) => tick >= least * 0.999 && tick <= most * 1.001);
}

/** @param {number} value */
export function tickText(value) {
  if (value >= 1e6) return `${value / 1e6} M`;
  if (value >= 1e3) return `${value / 1e3} k`;
  return String(value);
}
