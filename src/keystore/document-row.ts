import { KeystoreError } from './error.ts';
import type { Document } from './keystore.ts';
import { MAX_DOCUMENT_ID_OCTETS, MAX_DOCUMENT_KIND_OCTETS, MAX_DOCUMENT_OCTETS } from './limits.ts';
import { corrupt, keyOf, NUMBER, TABLES, writeNumbers } from './row-layout.ts';
import type { RowRange } from './rows.ts';

/** What names a document, as octets: equal names have equal ones, and only those. */
export interface DocumentName {
  readonly kind: Buffer;
  readonly id: Buffer;
}

/** Throws `BAD_ITEM` for an empty name and one over its limit. */
export function requiredName(kind: string, id: string): DocumentName {
  return { kind: requiredKind(kind), id: octets(id, 'ID', MAX_DOCUMENT_ID_OCTETS) };
}

/** Throws `BAD_ITEM`, as `requiredName` does. */
export function requiredKind(kind: string): Buffer {
  return octets(kind, 'kind', MAX_DOCUMENT_KIND_OCTETS);
}

export function documentKey({ kind, id }: DocumentName): Buffer {
  return keyOf(TABLES.document, Buffer.of(kind.length), kind, id);
}

/** Every document of a kind. */
export function kindRange(kind: Buffer): RowRange {
  const start = keyOf(TABLES.document, Buffer.of(kind.length), kind);
  // 0xFF is in no UTF-8, so it comes after every ID.
  return { gt: start, lt: Buffer.concat([start, Buffer.of(0xff)]) };
}

/** The value as JSON. Throws `BAD_ITEM` for what JSON has no word for, and over the limit. */
export function requiredValue(value: unknown): Buffer {
  const json = Buffer.from(jsonOf(value), 'utf8');
  if (json.length > MAX_DOCUMENT_OCTETS) {
    throw new KeystoreError('BAD_ITEM', `A document is longer than ${MAX_DOCUMENT_OCTETS} octets.`);
  }
  return json;
}

export function writeDocument(version: number, json: Buffer): Buffer {
  return Buffer.concat([writeNumbers(version), json]);
}

/** Throws `CORRUPT` for what `writeDocument` did not write. */
export function readDocument(key: Buffer, value: Buffer): Document {
  const start = 2 + (key[1] ?? 0);
  if (key.length <= start || value.length <= NUMBER) throw corrupt('A document cannot be read.');
  return {
    kind: key.toString('utf8', 2, start),
    id: key.toString('utf8', start),
    value: parsed(value.toString('utf8', NUMBER)),
    version: documentVersion(value),
  };
}

/** 0 when there is none. */
export function documentVersion(value: Buffer | undefined): number {
  return value === undefined || value.length < NUMBER ? 0 : value.readUIntBE(0, NUMBER);
}

/** Checks the argument of `putDocument`. Throws `BAD_QUERY`. */
export function requiredVersion(expected: number): number {
  if (!Number.isSafeInteger(expected) || expected < 0) {
    throw new KeystoreError('BAD_QUERY', 'Versions of a document are counted from 0 by whole numbers.');
  }
  return expected;
}

function octets(name: string, what: string, most: number): Buffer {
  const named = Buffer.from(name, 'utf8');
  // Half a character becomes U+FFFD in UTF-8: two names would lead to one row.
  if (named.length === 0 || named.length > most || named.toString('utf8') !== name) {
    throw new KeystoreError('BAD_ITEM', `The ${what} of a document has 1 to ${most} octets of UTF-8.`);
  }
  return named;
}

function jsonOf(value: unknown): string {
  let json: string | undefined;
  try {
    // For a function or a symbol it gives undefined, whatever its declaration says.
    json = JSON.stringify(value) as string | undefined;
  } catch (error) {
    throw new KeystoreError('BAD_ITEM', 'A document holds what JSON cannot say.', { cause: error });
  }
  if (json === undefined) throw new KeystoreError('BAD_ITEM', 'A document holds what JSON cannot say.');
  return json;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw corrupt('A document cannot be read.');
  }
}
