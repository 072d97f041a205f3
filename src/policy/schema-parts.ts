/*
 * What the keys of a policy are made of. Each part carries one sentence that says what is allowed; the name and
 * the line of the key are put before it.
 */
import { TomlDate } from 'smol-toml';
import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import { MAX_NAME_LENGTH, MAX_REASON_LENGTH, MAX_SCOPE_OCTETS, MAX_SELECTORS } from './limits.ts';
import type { ObjectSelection } from './policy.ts';

export const integer = (min: number, max: number): z.ZodNumber => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

export const choice = <const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> =>
  z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });

export const flag: z.ZodBoolean = z.boolean({ error: 'must be true or false' });

export const table = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a table' : undefined),
  });

export const listOf = <Item extends z.ZodType>(item: Item, max: number, what: string): z.ZodArray<Item> =>
  z
    .array(item, { error: `must be a list of ${what}` })
    .max(max, { error: `must have at most ${max} entries` });

const NAME_FORM = `must be a name: 1 to ${MAX_NAME_LENGTH} visible characters, without a blank at either end`;
// Neither controls, formats, halves of surrogates nor line ends: names are shown in one line.
const NAME = /^(?!\s)[^\p{C}\p{Zl}\p{Zp}]+(?<!\s)$/u;

export const name: z.ZodString = z
  .string({ error: NAME_FORM })
  .max(MAX_NAME_LENGTH, { error: NAME_FORM })
  .regex(NAME, { error: NAME_FORM });

const REASON_FORM = `must be a text of 1 to ${MAX_REASON_LENGTH} characters`;
export const reason: z.ZodString = z
  .string({ error: REASON_FORM })
  .min(1, { error: REASON_FORM })
  .max(MAX_REASON_LENGTH, { error: REASON_FORM });

const FINGERPRINT_FORM = 'must be a full fingerprint, 40 or 64 hexadecimal digits; a key ID is not enough';
// In groups, in either case, with 0x: as tools print them. `\s*` after each digit takes no exponential time.
const FINGERPRINT = /^\s*(?:0[xX])?(?:(?:[0-9a-fA-F]\s*){40}|(?:[0-9a-fA-F]\s*){64})$/;

export const fingerprint: z.ZodType<string, string> = z
  .string({ error: FINGERPRINT_FORM })
  .regex(FINGERPRINT, { error: FINGERPRINT_FORM })
  .transform((value) => value.replace(/\s/g, '').replace(/^0x/i, '').toUpperCase());

const SHA256_FORM = 'must be a SHA-256 digest of a whole file, 64 hexadecimal digits';
export const sha256: z.ZodType<string, string> = z
  .string({ error: SHA256_FORM })
  .regex(/^(?:[sS][hH][aA]256:)?[0-9a-fA-F]{64}$/, { error: SHA256_FORM })
  .transform((value) => value.slice(-64).toLowerCase());

/** Seconds between two durations, such as "300s" and "7d". */
export const duration = (min: string, max: string): z.ZodType<number, string> => {
  const error = `must be a duration from "${min}" to "${max}": digits and one of s, m, h, d`;
  const least = parseDuration(min) ?? 0;
  const most = parseDuration(max) ?? 0;
  return z
    .string({ error })
    .regex(/^\d{1,9}[smhd]$/, { error })
    .transform((value, context) => {
      const milliseconds = parseDuration(value);
      if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most)
        return milliseconds / 1000;
      context.issues.push({ code: 'custom', message: error, input: value });
      return z.NEVER;
    });
};

const TIME_FORM = 'must be a time with its offset, such as 2027-06-30T00:00:00Z';
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Seconds since 1970 of a TOML date-time, or of its text (RFC 3339 §5.6). */
export const time: z.ZodType<number> = z
  .custom<unknown>((value) => value instanceof Date || typeof value === 'string', { error: TIME_FORM })
  .transform((value, context) => {
    const milliseconds = millisecondsOf(value);
    if (milliseconds !== undefined) return Math.floor(milliseconds / 1000);
    const local = value instanceof TomlDate && value.isLocal();
    const message = local ? `${TIME_FORM}; without an offset it is another time on every host` : TIME_FORM;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  })
  .meta({ type: 'string', format: 'date-time' });

function millisecondsOf(value: unknown): number | undefined {
  if (value instanceof TomlDate) return value.isLocal() ? undefined : validTime(value.getTime());
  const match = typeof value === 'string' ? RFC3339.exec(value) : null;
  if (match === null) return undefined;
  const date = new TomlDate(match[0]);
  // A day that does not exist becomes a later one: the day of the text at its own offset has to come back.
  const [, year, month, day] = match;
  const same = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
  return same ? validTime(date.getTime()) : undefined;
}

/** Within the years that have four digits at the offset of UTC too. */
function validTime(milliseconds: number): number | undefined {
  return milliseconds >= -62_167_219_200_000 && milliseconds < 253_402_300_800_000 ? milliseconds : undefined;
}

/** A folder by its absolute path, spelled in the one way that can be compared. */
export const scope: z.ZodType<string, string> = z
  .string({ error: 'must be the absolute path of a folder' })
  .transform((value, context) => {
    const message = scopeFault(value);
    if (message === undefined) return value;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });

function scopeFault(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must be the absolute path of a folder, beginning with "/"';
  if (Buffer.byteLength(path) > MAX_SCOPE_OCTETS) return `must have at most ${MAX_SCOPE_OCTETS} bytes`;
  if (/[\0\p{Cs}]/u.test(path)) return 'has a character that no path has';
  if (path === '/') return undefined;
  const parts = path.slice(1).split('/');
  if (parts.at(-1) === '') return 'must not end with "/"; write the folder without it';
  if (parts.includes('')) return 'must not have "//" in it; write it with one "/"';
  if (parts.includes('.') || parts.includes('..')) {
    return 'must not have "." or ".." in it; write the path that `realpath` prints';
  }
  return undefined;
}

/** Every kind of object but signatures, as `vouch sif list` names them. */
export const OBJECT_TYPES = [
  'Def.FILE',
  'Env.Vars',
  'JSON.Labels',
  'FS',
  'JSON.Generic',
  'Generic/Raw',
  'Cryptographic Message',
  'SBOM',
  'OCI.RootIndex',
  'OCI.Blob',
  'Unknown',
] as const;

const OBJECTS_FORM =
  'must be "all", "primary", { groups = [1] } or { types = ["FS"] } with types as `vouch sif list` names them';

const NO_SELECTOR = 'must name at least one: without objects nothing would have to be signed';

/** What images call a group: 1 and more, below the mark that SIF sets in links to groups. */
const MAX_GROUP = 0x0fff_ffff;

export const objects: z.ZodType<ObjectSelection> = z
  .union(
    [
      z.enum(['all', 'primary']),
      z.strictObject({
        groups: listOf(integer(1, MAX_GROUP), MAX_SELECTORS, 'groups').min(1, { error: NO_SELECTOR }),
      }),
      z.strictObject({
        types: listOf(z.enum(OBJECT_TYPES), MAX_SELECTORS, 'types').min(1, { error: NO_SELECTOR }),
      }),
    ],
    { error: OBJECTS_FORM },
  )
  .transform((given): ObjectSelection => {
    if (typeof given === 'string') return { kind: given };
    if ('groups' in given) return { kind: 'groups', groups: [...new Set(given.groups)] };
    return { kind: 'types', types: [...new Set(given.types)] };
  });
