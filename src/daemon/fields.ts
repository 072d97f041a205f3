/* Reading JSON objects of requests: every key is known, every value has its type. Throws `BAD_REQUEST`. */
import { AdmissionError } from '../admission/error.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function bad(message: string): AdmissionError {
  return new AdmissionError('BAD_REQUEST', message);
}

/** An object with none but these keys. `where` names it in messages: `the body`, `images[0]`. */
export function fieldsOf(value: unknown, known: readonly string[], where: string): Fields {
  if (!isFields(value)) throw bad(`${where} must be an object`);
  const strange = Object.keys(value).find((key) => !known.includes(key));
  if (strange === undefined) return value;
  throw bad(`${where} has the unknown key ${quoted(strange)}; known are ${known.join(', ')}`);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function optionalText(value: unknown, where: string, most: number): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > most) {
    throw bad(`${where} must be a text of at most ${most} characters`);
  }
  return value;
}

export function optionalNumber(value: unknown, where: string, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw bad(`${where} must be a whole number from ${min} to ${max}`);
  }
  return value;
}

export function optionalSwitch(value: unknown, where: string): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw bad(`${where} must be true or false`);
  return value;
}

/** SHA-256 in lower-case hexadecimal. */
export function optionalDigest(value: unknown, where: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/i.test(value)) {
    throw bad(`${where} must be a SHA-256, 64 hexadecimal digits`);
  }
  return value.toLowerCase();
}

/** A fingerprint in upper-case hexadecimal. */
export function optionalFingerprint(value: unknown, where: string): string | undefined {
  if (value === undefined) return undefined;
  const digits = typeof value === 'string' ? value.replace(/^0x/i, '').toUpperCase() : '';
  if (!/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) {
    throw bad(`${where} must be a full fingerprint, 40 or 64 hexadecimal digits`);
  }
  return digits;
}

/** Milliseconds since 1970 of a time with its zone. */
export function optionalTime(value: unknown, where: string): number | undefined {
  if (value === undefined) return undefined;
  const zoned =
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(value);
  const time = zoned ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw bad(`${where} must be a time such as "2026-11-22T02:40:11Z"`);
  return time;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
