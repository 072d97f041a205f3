/*
 * The lines of the decision log's files: one JSON object a line, which has the SHA-256 of the line before it (of
 * its octets without the newline). Every line begins with `seq`, `prev` and `kind`, in this order, so that a chain
 * can be followed without reading all of each line.
 */
import { hash } from 'node:crypto';
import type { Decision } from '../decision.ts';
import { isDecision } from './decision-shape.ts';
import { isObject } from './json-object.ts';
import type { LogEvent } from './record.ts';

/** Raised when lines are read otherwise than before. */
export const LOG_VERSION = 1;

/** What stands for the line before the first one. */
export const NO_LINE: string = '0'.repeat(64);

/** Where a line stands. */
export interface LinePlace {
  /** 1, 2, 3, … over all files. */
  readonly seq: number;
  /** SHA-256 of the line before, lower-case hexadecimal. */
  readonly prev: string;
}

/** What was answered, without `fix` and `log_pos`, which is `seq`. */
export interface DecisionLine extends LinePlace, Omit<Decision, 'log_pos'> {
  readonly kind: 'decision';
  /** The answer was too long for a line: reasons, signers and objects beyond the first ones are left out. */
  readonly shortened?: true;
}

export interface EventLine extends LinePlace {
  readonly kind: 'event';
  readonly event: LogEvent;
  /** ISO 8601, UTC, milliseconds; so are all times of lines. */
  readonly time: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Signed: whoever lacks the key cannot change what is before it. */
export interface CheckpointLine extends LinePlace {
  readonly kind: 'checkpoint';
  readonly time: string;
  /** Name of the host. */
  readonly origin: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), lower-case hexadecimal. */
  readonly key: string;
  /** Ed25519, base64. */
  readonly sig: string;
}

/** The first line of each file; its `prev` repeats the hash that the file before it ended with. */
export interface HeadLine extends LinePlace {
  readonly kind: 'head';
  readonly version: typeof LOG_VERSION;
  readonly origin: string;
  readonly time: string;
}

export type LogLine = DecisionLine | EventLine | CheckpointLine | HeadLine;

/** A line before it has its place. */
export type LineBody = { readonly kind: LogLine['kind'] } & Readonly<Record<string, unknown>>;

/** A body as lines have it. */
export function bodyText(body: LineBody): string {
  return plainJson(JSON.stringify(body));
}

/** The same JSON, with control characters, and what turns text round, only as escapes. */
export function plainJson(text: string): string {
  // Nearly all of it is ASCII, and counting its octets takes a fraction of looking at each character.
  const ascii = Buffer.byteLength(text) === text.length;
  return ascii && !text.includes(DELETE) ? text : text.replace(UNSAFE, escaped);
}

/** Of ASCII, the one that JSON.stringify leaves as it is and a terminal obeys. */
const DELETE = '\u007f';

/** One line, without its newline, of a body's text. */
export function formatLine({ seq, prev }: LinePlace, body: string): Buffer {
  return Buffer.from(`{"seq":${seq},"prev":"${prev}",${body.slice(1)}`);
}

/** JSON.stringify escapes U+0000 to U+001F and lone surrogates, and nothing else that a terminal obeys. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu;

/** Every UTF-16 unit as JSON writes it (RFC 8259 §7). */
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}

export function hashOfLine(octets: Uint8Array): string {
  return hash('sha256', octets, 'hex');
}

const BEGINNING =
  /^\{"seq":([1-9]\d{0,15}),"prev":"([0-9a-f]{64})","kind":"(decision|event|checkpoint|head)"/;
const LONGEST_BEGINNING = 128;

/** Where a line says it stands; undefined: it does not begin as a line of this log does. */
export function placeOf(octets: Buffer): (LinePlace & { readonly kind: LogLine['kind'] }) | undefined {
  const [, seq, prev, kind] = BEGINNING.exec(octets.toString('latin1', 0, LONGEST_BEGINNING)) ?? [];
  if (seq === undefined || prev === undefined || !isKind(kind) || !Number.isSafeInteger(Number(seq)))
    return undefined;
  return { seq: Number(seq), prev, kind };
}

/** The line; undefined when it is none of this log, or lacks what lines of its kind have. */
export function parseLine(octets: Buffer): LogLine | undefined {
  const place = placeOf(octets);
  const value = place === undefined ? undefined : jsonOf(octets);
  return isLogLine(value) && value.kind === place?.kind ? value : undefined;
}

/** Undefined when it is not JSON in UTF-8. */
export function jsonOf(octets: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
  } catch {
    return undefined;
  }
}

function isKind(text: string | undefined): text is LogLine['kind'] {
  return text !== undefined && Object.hasOwn(SHAPES, text);
}

type Shape = (value: Readonly<Record<string, unknown>>) => boolean;

const texts =
  (...names: readonly string[]): Shape =>
  (value) =>
    names.every((name) => typeof value[name] === 'string');

const SHAPES: Readonly<Record<LogLine['kind'], Shape>> = {
  decision: isDecision,
  event: (value) => texts('event', 'time')(value) && isObject(value['fields']),
  checkpoint: texts('time', 'origin', 'key', 'sig'),
  head: (value) => texts('time', 'origin')(value) && value['version'] === LOG_VERSION,
};

function isLogLine(value: unknown): value is LogLine {
  if (!isObject(value)) return false;
  const { seq, prev, kind } = value;
  if (typeof seq !== 'number' || typeof prev !== 'string' || typeof kind !== 'string') return false;
  return isKind(kind) && SHAPES[kind](value);
}
