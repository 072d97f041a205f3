const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** Seconds of a text such as "300s", "15m", "72h" or "7d"; undefined when it does not have the form. */
export function parseDuration(text: string): number | undefined {
  const [, digits = '', letter] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const unit = UNITS.find(([name]) => name === letter);
  return unit === undefined ? undefined : Number(digits) * unit[1];
}

/** The shortest text of a duration of whole seconds, in one unit: what `parseDuration` reads. */
export function durationText(seconds: number): string {
  const [name, size] = UNITS.find(([, factor]) => seconds >= factor && seconds % factor === 0) ?? ['s', 1];
  return `${seconds / size}${name}`;
}
