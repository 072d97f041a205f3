/* How reasons name things. Nothing is escaped here: that is for whoever shows a reason. */

/** Characters of a text of unknown origin, such as the reason of a revocation, that a reason quotes. */
const MAX_QUOTED = 200;
const MAX_LISTED = 10;

/** A time in seconds since 1970, as ISO 8601 has it. */
export function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  // A signature may claim a time that no calendar has.
  if (Number.isNaN(date.getTime())) return `${seconds} s after 1970`;
  return date.toISOString().replace('.000Z', 'Z');
}

export function quoted(text: string): string {
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED)}…`;
}

/** `a, b, c`, and how many more when there are too many to read. */
export function listed(items: Iterable<string | number>): string {
  const all = [...items];
  const shown = all.slice(0, MAX_LISTED).join(', ');
  return all.length <= MAX_LISTED ? shown : `${shown} and ${all.length - MAX_LISTED} more`;
}

/** `object 1`, `objects 1, 2, 5`. */
export function objectsText(ids: Iterable<number>): string {
  const all = [...ids];
  return `${all.length === 1 ? 'object' : 'objects'} ${listed(all)}`;
}

/** In the largest unit that leaves no rest, or about that: `90 s`, `72 h`. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 345_600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
