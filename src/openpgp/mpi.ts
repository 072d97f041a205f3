import { concatBytes } from '../bytes/compare.ts';
import type { ByteReader } from '../bytes/reader.ts';

/** A multiprecision integer (RFC 9580 §3.2) without its leading zero octets. */
export function readMpi(reader: ByteReader): Uint8Array {
  const bits = reader.uint(2);
  const octets = reader.take(Math.ceil(bits / 8));
  const first = octets.findIndex((octet) => octet !== 0);
  return first < 0 ? octets.subarray(octets.length) : octets.subarray(first);
}

/** The one right encoding of an integer without leading zero octets. */
export function writeMpi(integer: Uint8Array): Uint8Array {
  const bits = bitLength(integer);
  return concatBytes([Uint8Array.of(bits >> 8, bits & 0xff), integer]);
}

/** The length in bits that the integer really has, whatever its sender claimed. */
export function bitLength(integer: Uint8Array): number {
  const first = integer[0];
  return first === undefined ? 0 : (integer.length - 1) * 8 + (32 - Math.clz32(first));
}
