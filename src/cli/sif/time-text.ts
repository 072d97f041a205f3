import { NO_TIME } from '../../sif/layout.ts';

/** As siftool writes it, `2020-06-30 00:01:56 +0000 UTC`; undefined when there is none. */
export function timeText(seconds: number): string | undefined {
  if (seconds === NO_TIME) return undefined;
  const iso = isoTime(seconds);
  if (iso === null) return `${seconds} seconds after 1970`;
  return iso.replace('T', ' ').replace('Z', ' +0000 UTC');
}

/** ISO 8601 in whole seconds, UTC; null when there is none, or none that a calendar has. */
export function isoTime(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  if (seconds === NO_TIME || Number.isNaN(time.getTime())) return null;
  return time.toISOString().replace('.000Z', 'Z');
}
