/*
 * What kind of key a key packet holds (RFC 9580 §9.1, §9.2; draft-ietf-openpgp-pqc for 30 to 36) and how
 * strong it is. Unknown algorithms are described, not refused: whether they can be used is for others.
 */
import { toHex } from '../bytes/hex.ts';
import type { ByteReader } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';
import {
  MAX_DSA_MODULUS_BITS,
  MAX_DSA_ORDER_BITS,
  MAX_RSA_EXPONENT_BITS,
  MAX_RSA_MODULUS_BITS,
} from './limits.ts';
import { bitLength, readMpi } from './mpi.ts';

export interface KeyAlgorithm {
  /** Public-key algorithm ID. */
  readonly number: number;
  /** As people write it: `RSA`, `EdDSA`, `Ed25519`, `ECDSA`, …; `Unknown` for others. */
  readonly name: string;
  /** Modulus or curve size in bits, never 0: several clients cannot read a missing number. */
  readonly bits: number;
  /** Curve name of elliptic curves (`ed25519`, `nistp256`, …). */
  readonly curve?: string;
}

/** Curves by OID (RFC 9580 §9.2). */
const CURVES: Readonly<Record<string, { readonly curve: string; readonly bits: number }>> = {
  '2A8648CE3D030107': { curve: 'nistp256', bits: 256 },
  '2B81040022': { curve: 'nistp384', bits: 384 },
  '2B81040023': { curve: 'nistp521', bits: 521 },
  '2B8104000A': { curve: 'secp256k1', bits: 256 },
  '2B2403030208010107': { curve: 'brainpoolP256r1', bits: 256 },
  '2B240303020801010B': { curve: 'brainpoolP384r1', bits: 384 },
  '2B240303020801010D': { curve: 'brainpoolP512r1', bits: 512 },
  '2B06010401DA470F01': { curve: 'ed25519', bits: 256 },
  '2B060104019755010501': { curve: 'cv25519', bits: 256 },
  '2B6570': { curve: 'ed25519', bits: 256 },
  '2B6571': { curve: 'ed448', bits: 448 },
  '2B656E': { curve: 'cv25519', bits: 256 },
  '2B656F': { curve: 'cv448', bits: 448 },
};

/** Algorithms whose key size is fixed; for the composites of PQC the size of their classical part. */
const FIXED: Readonly<Record<number, Omit<KeyAlgorithm, 'number'>>> = {
  25: { name: 'X25519', bits: 256, curve: 'cv25519' },
  26: { name: 'X448', bits: 448, curve: 'cv448' },
  27: { name: 'Ed25519', bits: 256, curve: 'ed25519' },
  28: { name: 'Ed448', bits: 456, curve: 'ed448' },
  30: { name: 'ML-DSA-65+Ed25519', bits: 256 },
  31: { name: 'ML-DSA-87+Ed448', bits: 456 },
  32: { name: 'SLH-DSA-SHAKE-128s', bits: 256 },
  33: { name: 'SLH-DSA-SHAKE-128f', bits: 256 },
  34: { name: 'SLH-DSA-SHAKE-256s', bits: 512 },
  35: { name: 'ML-KEM-768+X25519', bits: 256 },
  36: { name: 'ML-KEM-1024+X448', bits: 448 },
};

/** Stands where the size cannot be known; some number is needed. */
const NO_SIZE = 256;

/** Algorithms that can only sign: a subkey of these must sign back even when it claims no key flags. */
export const SIGNING_ONLY: ReadonlySet<number> = new Set([3, 17, 19, 22, 27, 28, 30, 31, 32, 33, 34]);

/** Algorithms that cannot sign: RSA for encryption only, ElGamal, Diffie-Hellman, key encapsulation. */
export const ENCRYPTION_ONLY: ReadonlySet<number> = new Set([2, 16, 18, 20, 25, 26, 35, 36]);

/** Reads the algorithm-specific part of a key packet. Throws `UNSUPPORTED_KEY` over a limit. */
export function readKeyAlgorithm(number: number, material: ByteReader): KeyAlgorithm {
  if (number >= 1 && number <= 3) return readRsa(number, material);
  if (number === 17) return readDsa(material);
  if (number === 16 || number === 20) {
    return { number, name: 'ElGamal', bits: Math.max(1, bitLength(readMpi(material))) };
  }
  if (number === 18) return readCurve(number, 'ECDH', material);
  if (number === 19) return readCurve(number, 'ECDSA', material);
  if (number === 22) return readCurve(number, 'EdDSA', material);
  return { number, ...(FIXED[number] ?? { name: 'Unknown', bits: NO_SIZE }) };
}

function readRsa(number: number, material: ByteReader): KeyAlgorithm {
  const bits = bitLength(readMpi(material));
  limit('an RSA modulus', bits, MAX_RSA_MODULUS_BITS);
  limit('an RSA exponent', bitLength(readMpi(material)), MAX_RSA_EXPONENT_BITS);
  return { number, name: 'RSA', bits: Math.max(1, bits) };
}

function readDsa(material: ByteReader): KeyAlgorithm {
  const bits = bitLength(readMpi(material));
  limit('a DSA modulus', bits, MAX_DSA_MODULUS_BITS);
  limit('a DSA group order', bitLength(readMpi(material)), MAX_DSA_ORDER_BITS);
  return { number: 17, name: 'DSA', bits: Math.max(1, bits) };
}

function readCurve(number: number, name: string, material: ByteReader): KeyAlgorithm {
  const oid = toHex(material.take(material.octet()));
  return { number, name, ...(CURVES[oid] ?? { bits: NO_SIZE }) };
}

function limit(what: string, bits: number, most: number): void {
  if (bits > most)
    throw new OpenPgpError('UNSUPPORTED_KEY', `${what} of ${bits} bits; at most ${most} are accepted`);
}
