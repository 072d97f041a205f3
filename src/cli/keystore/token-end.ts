import { CliError } from '../error.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { h: HOUR, d: DAY, w: 7 * DAY, y: 365 * DAY };

/** No token needs to be good for longer; a date has four digits for its year. Milliseconds. */
const LONGEST = 100 * 365 * DAY;

/**
 * The end that somebody names, as milliseconds since 1970: `12h`, `90d`, `8w` or `1y` from now, or a date of
 * which the end of the day counts (UTC). Throws `USAGE`.
 */
export function endOf(text: string, now: number): number {
  const [, count, unit = ''] = /^([0-9]{1,6})([hdwy])$/i.exec(text) ?? [];
  const end =
    count === undefined ? endOfDay(text) : now + Number(count) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (end > now && end <= now + LONGEST) return end;
  throw new CliError('USAGE', '--expires is a time from now, such as 12h, 90d, 8w or 1y, or a date to come');
}

/** NaN for what is no date of the calendar. */
function endOfDay(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return Number.NaN;
  const start = Date.parse(`${text}T00:00:00Z`);
  const exists = !Number.isNaN(start) && new Date(start).toISOString().startsWith(text);
  return exists ? start + DAY : Number.NaN;
}
