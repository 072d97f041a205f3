/*
 * Keys as PostgreSQL holds them. An entry of its indexes has less than a third of a page, and a user ID may be longer:
 * of a long search term the key has the beginning and a digest, and the row's value, which is empty otherwise, has the
 * key as it is. Carriers of one term stay together and in order; the order of long terms that begin alike is lost,
 * and nobody asks for it.
 */
import { createHash } from 'node:crypto';

import { MAX_STORED_TERM_OCTETS } from './limits.ts';
import { TABLES } from './row-layout.ts';
import type { Row } from './rows.ts';

/** Of an index row: its table, the kind of the term and its length. */
const HEADER = 6;
const DIGEST = 32;
const EMPTY: Buffer = Buffer.alloc(0);

/** No key of a long term is shorter as it is stored. */
export const SHORTEST_CUT_KEY: number = HEADER + MAX_STORED_TERM_OCTETS;

/** The key of a row, or an end of a range, as it is stored. */
export function storedKey(key: Buffer): Buffer {
  const length = longTermLength(key);
  if (length === undefined) return key;
  const end = HEADER + length;
  const kept = HEADER + MAX_STORED_TERM_OCTETS - DIGEST;
  const digest = createHash('sha256').update(key.subarray(HEADER, end)).digest();
  return Buffer.concat([key.subarray(0, kept), digest, key.subarray(end)]);
}

export function storedRow(key: Buffer, value: Buffer): Row {
  return longTermLength(key) === undefined ? [key, value] : [storedKey(key), key];
}

/** The opposite of `storedRow`. Of a key that was not cut the value does not matter. */
export function rowOf(key: Buffer, value: Buffer): Row {
  return longTermLength(key) === undefined ? [key, value] : [value, EMPTY];
}

/** The key is of a term that is too long, whether it was cut or not: its length stands in front. */
function longTermLength(key: Buffer): number | undefined {
  if (key[0] !== TABLES.index || key.length < HEADER) return undefined;
  const length = key.readUInt32BE(2);
  return length > MAX_STORED_TERM_OCTETS ? length : undefined;
}
