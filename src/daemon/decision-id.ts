import { Buffer } from 'node:buffer';
import { randomFillSync } from 'node:crypto';

/** Crockford's digits: none that people take for another. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** Random octets for some hundred names: asking the system for a few takes as long as for many. */
const random = Buffer.alloc(256 * RANDOM_DIGITS);
let used = random.length;

/** A name for a decision, in the order of time (a ULID). `time` in milliseconds since 1970. */
export function decisionId(time: number): string {
  let rest = Math.floor(time);
  let text = '';
  for (let index = 0; index < TIME_DIGITS; index += 1) {
    text = `${DIGITS[rest % 32] ?? ''}${text}`;
    rest = Math.floor(rest / 32);
  }
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  for (const end = used + RANDOM_DIGITS; used < end; used += 1)
    text += DIGITS[(random[used] ?? 0) % 32] ?? '';
  return text;
}
