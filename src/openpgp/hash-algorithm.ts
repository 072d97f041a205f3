import { createHash } from 'node:crypto';

/** Hash algorithm IDs (RFC 9580 §9.5) by the names that node:crypto uses. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'md5',
  2: 'sha1',
  3: 'ripemd160',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
  11: 'sha224',
  12: 'sha3-256',
  14: 'sha3-512',
};

/** The digest, or undefined for an algorithm that is unknown here or to the runtime's OpenSSL. */
export function digest(algorithm: number, octets: Uint8Array): Uint8Array | undefined {
  const name = NAMES[algorithm];
  try {
    return name === undefined ? undefined : createHash(name).update(octets).digest();
  } catch {
    return undefined;
  }
}
