/* Signatures as OpenSSL takes them, for `native-verify.ts`. Only what is plain is read. */
import { concatBytes } from '../bytes/compare.ts';
import { ByteReader, OutOfBytes } from '../bytes/reader.ts';
import { isOrdinaryPoint, pointOctets } from './edwards-point.ts';
import { readMpi } from './mpi.ts';
import type { NativeKey } from './native-key.ts';
import type { Signature } from './signature.ts';

/** Octets of the salt of version 6 by hash algorithm (RFC 9580 §9.5, table 23). */
const SALT_OCTETS: Readonly<Record<number, number>> = { 8: 16, 9: 24, 10: 32, 11: 16, 12: 16, 14: 32 };

/**
 * The signature proper in the length its key asks for: RSA as long as the modulus (RFC 8017 §8.2.2), ECDSA as r
 * and s of the size of a coordinate, EdDSA as R and S (RFC 8032 §5.1.6). Undefined where openpgp.js has to judge.
 */
export function nativeSignature(
  { version, hash, tail }: Pick<Signature, 'version' | 'hash' | 'tail'>,
  key: NativeKey,
): Uint8Array | undefined {
  const reader = new ByteReader(tail);
  try {
    // The left 16 bits of the digest.
    reader.take(2);
    if (version === 6) {
      const octets = reader.octet();
      if (octets !== SALT_OCTETS[hash]) return undefined;
      reader.take(octets);
    }
    const material = readMaterial(reader, key);
    return reader.left === 0 ? material : undefined;
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
}

function readMaterial(reader: ByteReader, key: NativeKey): Uint8Array | undefined {
  switch (key.kind) {
    case 'rsa':
      return padded(readMpi(reader), key.octets);
    case 'ecdsa':
      return pair(reader, key.octets);
    case 'eddsa': {
      const octets = pointOctets(key.curve);
      const both = key.integers ? pair(reader, octets) : reader.take(2 * octets);
      return both !== undefined && isOrdinaryPoint(key.curve, both.subarray(0, octets)) ? both : undefined;
    }
  }
}

/** Two integers; leading zeros and wrong bit counts are of no account, as in the form that is stored. */
function pair(reader: ByteReader, octets: number): Uint8Array | undefined {
  const [first, second] = [padded(readMpi(reader), octets), padded(readMpi(reader), octets)];
  return first === undefined || second === undefined ? undefined : concatBytes([first, second]);
}

/** Undefined for an integer that is too long. */
function padded(integer: Uint8Array, octets: number): Uint8Array | undefined {
  if (integer.length > octets) return undefined;
  const whole = new Uint8Array(octets);
  whole.set(integer, octets - integer.length);
  return whole;
}
