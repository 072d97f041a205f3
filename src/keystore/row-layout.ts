/**
 * Where things are among the rows. Each key starts with one octet for its table; what follows has a fixed
 * length or, for terms, a length in front, so no key of one table or term is read through another.
 *
 *     m head                    sequence (6), certificates (6), time of the newest change (6)
 *     m format                  version of this layout, in decimal
 *     c <fingerprint>           the certificate
 *     f <fingerprint>           facts: sequence of its newest change (6), terms
 *     i <term> <fingerprint>    the certificate carries the term; the value, an octet or none, says nothing
 *     l <sequence (6)>          time (6), kind (1), SHA-256 of the certificate (32), fingerprint;
 *                               without the SHA-256 where the kind is `removed` or `unblocked`
 *     t <fingerprint>           tombstone: time (6), by (1), reason in UTF-8
 *     d <kind> <id>             document: version (6), value as JSON in UTF-8; its kind has its length (1)
 *                               in front, its ID takes the rest, both in UTF-8
 *
 * Format 1 had no tombstones, no documents and no changes of their kinds, so its rows mean the same in 2.
 *
 * Numbers are unsigned and big-endian: milliseconds since 1970 fit 6 octets until the year 10889.
 */
import { KeystoreError } from './error.ts';
import { fingerprintText } from './fingerprint-octets.ts';
import type { Change, ChangeKind } from './keystore.ts';
import type { RowRange } from './rows.ts';
import { termLength } from './term-octets.ts';

export const FORMAT = '2';

/** Formats that are read as they are, and become `FORMAT` when the store is opened. */
export const OLDER_FORMATS: ReadonlySet<string> = new Set(['1']);

/** Octets of a number. */
export const NUMBER = 6;
const DIGEST = 32;

export const TABLES = {
  meta: 0x6d,
  certificate: 0x63,
  facts: 0x66,
  index: 0x69,
  log: 0x6c,
  tombstone: 0x74,
  document: 0x64,
} as const;

export const HEAD_KEY: Buffer = Buffer.from('mhead');
export const FORMAT_KEY: Buffer = Buffer.from('mformat');

/** The store's own figures, as of the newest change. */
export interface Head {
  readonly sequence: number;
  readonly certificates: number;
  /** Milliseconds since 1970; 0 in an empty store. */
  readonly time: number;
}

export const EMPTY_HEAD: Head = { sequence: 0, certificates: 0, time: 0 };

/** What is stored beside a certificate. */
export interface Facts {
  readonly sequence: number;
  /** The octets of its terms, one after another, as `termSet` orders them. */
  readonly terms: Buffer;
}

export interface LoggedChange extends Change {
  readonly fingerprintOctets: Buffer;
}

const EMPTY: Buffer = Buffer.alloc(0);
const KIND_OCTETS: Readonly<Record<ChangeKind, number>> = {
  inserted: 1,
  updated: 2,
  removed: 3,
  unblocked: 4,
};
const KINDS: readonly (ChangeKind | undefined)[] = [undefined, 'inserted', 'updated', 'removed', 'unblocked'];

export function tableRange(table: number): RowRange {
  return { gte: Buffer.of(table), lt: Buffer.of(table + 1) };
}

export function certificateKey(fingerprint: Buffer): Buffer {
  return keyOf(TABLES.certificate, fingerprint);
}

export function factsKey(fingerprint: Buffer): Buffer {
  return keyOf(TABLES.facts, fingerprint);
}

/**
 * The value of an index row. None would do, and is what older rows have; but LevelDB's binding (classic-level 3.0.0)
 * never frees the copy that it makes of an empty value: half a kilobyte for each certificate that is stored.
 */
export const INDEX_VALUE: Buffer = Buffer.alloc(1);

export function indexKey(term: Buffer, fingerprint: Buffer): Buffer {
  return keyOf(TABLES.index, term, fingerprint);
}

/** The index rows of one term, beginning after a fingerprint when one is given. */
export function postingRange(term: Buffer, after: Buffer | undefined): RowRange {
  const start = keyOf(TABLES.index, term, after ?? EMPTY);
  // No fingerprint is longer than 32 octets, so 33 of 0xFF come after all of them.
  return { gt: start, lt: keyOf(TABLES.index, term, Buffer.alloc(33, 0xff)) };
}

export function logKey(sequence: number): Buffer {
  return keyOf(TABLES.log, writeNumbers(sequence));
}

/** Cuts the key of an index row apart; undefined when it is not one. */
export function readIndexKey(key: Buffer): { term: Buffer; fingerprint: Buffer } | undefined {
  const length = termLength(key, 1);
  if (length === undefined) return undefined;
  const fingerprint = key.subarray(1 + length);
  if (!isFingerprint(fingerprint)) return undefined;
  return { term: key.subarray(1, 1 + length), fingerprint };
}

/** The sequence in the key of a row of the log; undefined when it is not one. */
export function readLogKey(key: Buffer): number | undefined {
  return key.length === 1 + NUMBER ? key.readUIntBE(1, NUMBER) : undefined;
}

export function writeHead(head: Head): Buffer {
  return writeNumbers(head.sequence, head.certificates, head.time);
}

export function readHead(value: Buffer | undefined): Head {
  if (value?.length !== 3 * NUMBER) throw corrupt("The row with the store's own figures is missing.");
  return {
    sequence: value.readUIntBE(0, NUMBER),
    certificates: value.readUIntBE(NUMBER, NUMBER),
    time: value.readUIntBE(2 * NUMBER, NUMBER),
  };
}

export function writeFacts(sequence: number, terms: Buffer): Buffer {
  return Buffer.concat([writeNumbers(sequence), terms]);
}

export function readFacts(value: Buffer): Facts {
  if (value.length < NUMBER) throw corrupt('The search terms of a certificate are cut short.');
  return { sequence: value.readUIntBE(0, NUMBER), terms: value.subarray(NUMBER) };
}

/** A line of the log; of the kinds `removed` and `unblocked` the digest is left out. */
export function writeChange(
  time: number,
  kind: ChangeKind,
  digest: Buffer | undefined,
  fingerprint: Buffer,
): Buffer {
  return Buffer.concat([writeNumbers(time), Buffer.of(KIND_OCTETS[kind]), digest ?? EMPTY, fingerprint]);
}

export function readChange(sequence: number, value: Buffer): LoggedChange {
  const kind = KINDS[value[NUMBER] ?? 0];
  const start = NUMBER + 1 + (kind === 'inserted' || kind === 'updated' ? DIGEST : 0);
  const fingerprint = value.subarray(start);
  if (kind === undefined || !isFingerprint(fingerprint)) {
    throw corrupt(`Change ${sequence} of the change log cannot be read.`);
  }
  return {
    sequence,
    time: value.readUIntBE(0, NUMBER),
    fingerprint: fingerprintText(fingerprint),
    kind,
    ...(start > NUMBER + 1 && { digest: value.toString('hex', NUMBER + 1, start) }),
    fingerprintOctets: fingerprint,
  };
}

export function isFingerprint(octets: Buffer): boolean {
  return octets.length === 20 || octets.length === 32;
}

export function keyOf(table: number, ...parts: readonly Buffer[]): Buffer {
  let length = 1;
  for (const part of parts) length += part.length;
  const key = Buffer.allocUnsafe(length);
  key[0] = table;
  let offset = 1;
  for (const part of parts) offset += part.copy(key, offset);
  return key;
}

export function writeNumbers(...numbers: readonly number[]): Buffer {
  const octets = Buffer.allocUnsafe(numbers.length * NUMBER);
  for (const [index, number] of numbers.entries()) octets.writeUIntBE(number, index * NUMBER, NUMBER);
  return octets;
}

export function corrupt(what: string): KeystoreError {
  return new KeystoreError('CORRUPT', `${what} Stop the server and run "vouch keystore check".`);
}
