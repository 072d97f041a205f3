/* Tables of cases: what a policy is expected to say of images, written down by those who change it. */
import { parse, TomlDate, TomlError } from 'smol-toml';
import { z } from 'zod';

import { PolicyError } from './error.ts';
import { MAX_CASES, MAX_CASES_LENGTH } from './limits.ts';
import { REASON_CLASS } from './verdict.ts';
import type { ImageVerdict, ReasonCode, Verdict } from './verdict.ts';

export interface PolicyCase {
  /** As given, else its number in the file, from 1. */
  readonly name: string;
  /** Path of an image file, as written: relative to the file of cases. */
  readonly image: string;
  /** Where the image is taken to lie; undefined: where it does. */
  readonly path?: string;
  readonly expect: Verdict;
  /** A reason that has to be given: with refusals one that decides, else any. */
  readonly reason?: ReasonCode;
  /** When it is taken to be, seconds since 1970; undefined: now. */
  readonly at?: number;
}

export interface CaseResult {
  readonly passed: boolean;
  /** What was expected and what came, in words; empty when it passed. Has no hostile text. */
  readonly difference: string;
}

const CASE = z.strictObject({
  name: z.string().min(1).optional(),
  image: z.string().min(1),
  path: z
    .string()
    .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/, 'has to be an absolute path without "." and ".."')
    .optional(),
  expect: z.enum(['admit', 'refuse', 'undetermined']),
  reason: z.string().refine(isReasonCode, 'is no reason code').optional(),
  at: z
    .instanceof(TomlDate, { error: 'has to be a date with time and offset, such as 2026-12-24T18:00:00Z' })
    .refine((date) => date.isDateTime() && !date.isLocal(), 'needs a time and an offset, such as Z')
    .optional(),
});

const TABLE = z.strictObject({ case: z.array(CASE).max(MAX_CASES).default([]) });

/**
 * Reads a file of `[[case]]` tables. `name` is for messages. Throws `BAD_SYNTAX` when it is no TOML and
 * `BAD_CASES` for everything else; the message names every fault.
 */
export function parseCases(text: string, name: string): readonly PolicyCase[] {
  if (text.length > MAX_CASES_LENGTH) {
    throw new PolicyError('BAD_CASES', `${name} is longer than ${MAX_CASES_LENGTH} characters`);
  }
  const read = TABLE.safeParse(parseToml(text, name));
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `${name}: ${placeOf(issue.path)}${issue.message}`);
    throw new PolicyError('BAD_CASES', faults.join('\n'));
  }
  return read.data.case.map(({ name: title, image, path, expect, reason, at }, index) => ({
    name: title ?? String(index + 1),
    image,
    expect,
    ...(path !== undefined && { path }),
    ...(reason !== undefined && { reason }),
    ...(at !== undefined && { at: at.getTime() / 1000 }),
  }));
}

/** Holds what came against what was expected. */
export function judgeCase(expected: PolicyCase, came: ImageVerdict): CaseResult {
  const decisive = came.reasons.filter((reason) => reason.action === 'enforce');
  const told = expected.expect === 'admit' ? came.reasons : decisive;
  const passed =
    came.verdict === expected.expect &&
    (expected.reason === undefined || told.some((reason) => reason.code === expected.reason));
  if (passed) return { passed, difference: '' };
  const wanted = expected.reason === undefined ? expected.expect : `${expected.expect} (${expected.reason})`;
  const codes = [...new Set(told.map((reason) => reason.code))].join(', ');
  const got = codes === '' ? came.verdict : `${came.verdict} (${codes})`;
  return { passed, difference: `expected ${wanted}, came ${got}` };
}

function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(REASON_CLASS, code);
}

function parseToml(text: string, name: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [first = ''] = cause.message.split('\n');
    const reason = first.replace(/^Invalid TOML document: /, '');
    throw new PolicyError('BAD_SYNTAX', `${name}:${cause.line}:${cause.column}: ${reason}`, { cause });
  }
}

/** `case 3: expect: `, as people count. */
function placeOf(path: readonly PropertyKey[]): string {
  const [, index, ...keys] = path;
  const place = typeof index === 'number' ? [`case ${index + 1}`, ...keys] : path;
  return place.length === 0 ? '' : `${place.map(String).join(': ')}: `;
}
