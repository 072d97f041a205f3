import { randomBytes } from 'node:crypto';

/** Crockford's digits: none that people take for another. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** A name for a decision, in the order of time (a ULID). `time` in milliseconds since 1970. */
export function decisionId(time: number): string {
  let rest = Math.floor(time);
  let text = '';
  for (let index = 0; index < TIME_DIGITS; index += 1) {
    text = `${DIGITS[rest % 32] ?? ''}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text + Array.from(randomBytes(RANDOM_DIGITS), (octet) => DIGITS[octet % 32]).join('');
}
