/** From the largest to the smallest; in milliseconds. */
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** Milliseconds of a text such as "90s", "15m", "6h" or "7d"; undefined when it does not have the form. */
export function parseDuration(text: string): number | undefined {
  const [, digits = '', letters] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const unit = UNITS.find(([name]) => name === letters);
  return unit === undefined ? undefined : Number(digits) * unit[1];
}

/** The shortest text of whole milliseconds, in one unit: what `parseDuration` reads. */
export function durationText(milliseconds: number): string {
  const whole = UNITS.find(([, size]) => milliseconds >= size && milliseconds % size === 0);
  const [name, size] = whole ?? ['s', 1000];
  return `${milliseconds / size}${name}`;
}
