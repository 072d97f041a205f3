/*
 * Just enough DER (X.690 §8, §10) to see what node:crypto does not tell of a certificate. OpenSSL has parsed
 * the certificate before; whatever does not fit here makes the caller refuse it.
 */
import { ByteReader, OutOfBytes } from '../bytes/reader.ts';

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_ID = 0x06;
export const SEQUENCE = 0x30;

/** The values that stand one after the other; undefined when the octets are not exactly that. */
export function derValues(octets: Uint8Array): DerValue[] | undefined {
  const reader = new ByteReader(octets);
  const values: DerValue[] = [];
  try {
    while (reader.left > 0) {
      const tag = reader.octet();
      // Tags above 30 take more octets; certificates have none.
      if ((tag & 0x1f) === 0x1f) return undefined;
      values.push({ tag, content: reader.take(length(reader)) });
    }
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
  return values;
}

function length(reader: ByteReader): number {
  const first = reader.octet();
  if (first < 0x80) return first;
  const octets = first & 0x7f;
  if (octets === 1 || octets === 2 || octets === 3 || octets === 4) return reader.uint(octets);
  throw new OutOfBytes('a length of DER that certificates do not have');
}

/** The values within the one value of this tag that the octets are. */
export function derWithin(octets: Uint8Array, tag: number): DerValue[] | undefined {
  const [value, ...others] = derValues(octets) ?? [];
  return value?.tag === tag && others.length === 0 ? derValues(value.content) : undefined;
}

/** The usual form with dots. */
export function objectIdText(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...rest].join('.');
}
