import type { Context } from 'koa';
import { revalidate } from './answer.ts';
import { HkpError } from './error.ts';
import { MAX_PREFIXES } from './limits.ts';
import type { HkpService } from './service.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Digits of a fingerprint that are told: enough to know one's own keys again, as Hockeypuck gives. */
const PREFIX_DIGITS = 8;

/**
 * `prefixlog/<YYYY-MM-DD>` (draft-ietf-openpgp-hkp §5.1.6): the first digits of the fingerprints of all
 * certificates that changed in the 24 hours from the beginning of that day, UTC, each once, in the order
 * of their first change, with CRLF line ends. A day without changes is an empty answer; one that has
 * not begun is 404.
 */
export async function prefixlog(ctx: Context, service: HkpService, day: string): Promise<void> {
  const start = startOfDay(day);
  if (start > service.now()) throw new HkpError('NO_MATCH', 'this day has not begun');
  const prefixes = new Set<string>();
  const since = await service.keystore.sequenceBefore(start);
  for await (const change of service.keystore.changes(since)) {
    if (change.time >= start + DAY || prefixes.size >= MAX_PREFIXES) break;
    prefixes.add(change.fingerprint.slice(0, PREFIX_DIGITS).toLowerCase());
  }
  ctx.set('Content-Type', 'text/plain; charset=utf-8');
  ctx.body = [...prefixes].map((prefix) => `${prefix}\r\n`).join('');
  revalidate(ctx);
}

function startOfDay(day: string): number {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // Date.parse carries the 30th of February over into March.
  if (Number.isNaN(start) || !new Date(start).toISOString().startsWith(day)) {
    throw new HkpError('BAD_IDENTIFIER', 'give a date as YYYY-MM-DD');
  }
  return start;
}
