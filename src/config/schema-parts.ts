/*
 * What the keys of settings files are made of. Each part carries one sentence that says what is allowed;
 * `check-settings.ts` puts the name of the key before it.
 */
import { z } from 'zod';
import type { LogLevel } from '../log.ts';
import { parseDuration } from '../duration.ts';
import { LISTEN_ADDRESS_FORM, parseListenAddress } from './listen-address.ts';
import type { ListenAddress } from './listen-address.ts';
import { SCHEDULE_OFF } from './server-config.ts';

export const integer = (min: number, max: number): z.ZodNumber => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

export const text = (error: string): z.ZodString => z.string({ error }).min(1, { error });

export const choice = <const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> =>
  z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });

export const listOf = <Item extends z.ZodType>(item: Item, error: string): z.ZodArray<Item> =>
  z.array(item, { error });

export const table = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a table' : undefined),
  });

export const logLevel: z.ZodType<LogLevel> = choice(['debug', 'info', 'warn', 'error', 'silent']);

/** HOST:PORT that `accept` takes; `form` says what that is. */
export const addressOf = (
  accept: (address: ListenAddress) => boolean,
  form: string,
): z.ZodType<ListenAddress, string> =>
  z.string({ error: form }).transform((value, context) => {
    const address = parseListenAddress(value);
    if (address !== undefined && accept(address)) return address;
    context.issues.push({ code: 'custom', message: form, input: value });
    return z.NEVER;
  });

export const listenAddress: z.ZodType<ListenAddress, string> = addressOf(() => true, LISTEN_ADDRESS_FORM);

/** A duration between two others, in milliseconds; `min` and `max` are durations too, such as "6h". */
export const duration = (min: string, max: string): z.ZodType<number, string> => {
  const form = `must be a duration from "${min}" to "${max}"`;
  const least = parseDuration(min) ?? 0;
  const most = parseDuration(max) ?? 0;
  return z.string({ error: form }).transform((value, context) => {
    const milliseconds = parseDuration(value);
    if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) return milliseconds;
    context.issues.push({ code: 'custom', message: form, input: value });
    return z.NEVER;
  });
};

const FINGERPRINT_FORM = 'must be a full fingerprint, 40 or 64 hexadecimal digits';

// People paste fingerprints as tools print them: in groups, in either case, with 0x.
export const fingerprint: z.ZodType<string, string> = z
  .string({ error: FINGERPRINT_FORM })
  .transform((value) => value.replace(/\s/g, '').replace(/^0x/i, '').toUpperCase())
  .refine((digits) => /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits), { error: FINGERPRINT_FORM });

const SCHEDULE_FORM = 'must be a cron expression of five or six fields, such as "17 3 * * *", or "off"';
/** Of five fields, or six with seconds, or `SCHEDULE_OFF`; what has the form and means nothing is found out later. */
export const schedule: z.ZodType<string, string> = z
  .string({ error: SCHEDULE_FORM })
  .refine((value) => value === SCHEDULE_OFF || /^\S+(?: +\S+){4,5}$/.test(value), { error: SCHEDULE_FORM });
