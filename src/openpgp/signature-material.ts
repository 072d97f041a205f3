/*
 * The signature proper, as integers. The same integers can be written with wrong bit counts or with leading
 * zeros (RFC 9580 §3.2 calls that malformed, readers take it), so anybody could make any number of variants
 * of somebody's signature, all valid. The store keeps one: the right one.
 */
import { concatBytes } from '../bytes/compare.ts';
import { ByteReader, OutOfBytes } from '../bytes/reader.ts';
import { readMpi, writeMpi } from './mpi.ts';

/** Integers in a signature by public-key algorithm ID (RFC 9580 §5.2.3); others are plain octets. */
const INTEGERS: Readonly<Record<number, number>> = { 1: 1, 3: 1, 17: 2, 19: 2, 22: 2 };

/** Octets of the signature proper where it is no integers (§5.2.3.4, §5.2.3.5). */
const OCTETS: Readonly<Record<number, number>> = { 27: 64, 28: 114 };

/**
 * The tail of a signature (digest prefix, salt, signature proper) with its integers in their one right
 * encoding. A tail that does not hold just these integers is returned as it is; it will not verify.
 */
export function canonicalTail(version: number, algorithm: number, tail: Uint8Array): Uint8Array {
  const count = INTEGERS[algorithm];
  if (count === undefined) return tail;
  try {
    const reader = afterPrefix(version, tail);
    const before = tail.subarray(0, reader.position);
    const integers = Array.from({ length: count }, () => writeMpi(readMpi(reader)));
    return reader.left === 0 ? concatBytes([before, ...integers]) : tail;
  } catch (error) {
    if (error instanceof OutOfBytes) return tail;
    throw error;
  }
}

/** True when the signature proper is as long as its algorithm and its integers say; false for unknown algorithms. */
export function isWholeTail(version: number, algorithm: number, tail: Uint8Array): boolean {
  const integers = INTEGERS[algorithm] ?? 0;
  const octets = OCTETS[algorithm] ?? 0;
  try {
    const reader = afterPrefix(version, tail);
    for (let i = 0; i < integers; i += 1) readMpi(reader);
    reader.take(octets);
    return integers + octets > 0 && reader.left === 0;
  } catch (error) {
    if (error instanceof OutOfBytes) return false;
    throw error;
  }
}

/** At the signature proper: after the digest prefix and the salt. */
function afterPrefix(version: number, tail: Uint8Array): ByteReader {
  const reader = new ByteReader(tail);
  reader.take(2);
  if (version === 6) reader.take(reader.octet());
  return reader;
}
