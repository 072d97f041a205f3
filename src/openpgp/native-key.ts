/*
 * Keys as OpenSSL takes them, for `native-verify.ts`. Only what is plain is read: where RFC 9580 leaves a doubt, or
 * where libraries are known to differ, there is no native key.
 */
import { createPublicKey } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';

import { equalBytes } from '../bytes/compare.ts';
import { ByteReader } from '../bytes/reader.ts';
import { isOrdinaryPoint, pointOctets } from './edwards-point.ts';
import type { EdwardsCurve } from './edwards-point.ts';
import { OpenPgpError } from './error.ts';
import { bitLength } from './mpi.ts';
import type { PublicKey } from './public-key.ts';

export type NativeKey =
  /** `octets` of the modulus. */
  | { readonly kind: 'rsa'; readonly object: KeyObject; readonly octets: number }
  /** `octets` of a coordinate. */
  | { readonly kind: 'ecdsa'; readonly object: KeyObject; readonly octets: number }
  /** `integers`: signatures are two integers (`EdDSALegacy`) instead of octets. */
  | {
      readonly kind: 'eddsa';
      readonly object: KeyObject;
      readonly curve: EdwardsCurve;
      readonly integers: boolean;
    };

const RSA = 1;
const RSA_SIGN_ONLY = 3;
const ECDSA = 19;
const EDDSA_LEGACY = 22;
const ED25519 = 27;
const ED448 = 28;

/** Smaller ones are left to openpgp.js. */
const MIN_MODULUS_BITS = 1024;

/** RFC 9580 §9.2; the other OID of this curve belongs to X.509. */
const ED25519_LEGACY_OID: Uint8Array = Buffer.from('2b06010401da470f01', 'hex');

const NIST: ReadonlyMap<string | undefined, { readonly crv: string; readonly octets: number }> = new Map([
  ['nistp256', { crv: 'P-256', octets: 32 }],
  ['nistp384', { crv: 'P-384', octets: 48 }],
  ['nistp521', { crv: 'P-521', octets: 66 }],
]);

const keys = new WeakMap<PublicKey, NativeKey | 'none'>();

/** The key for OpenSSL, made once; undefined where openpgp.js has to judge. */
export function nativeKey(key: PublicKey): NativeKey | undefined {
  let native = keys.get(key);
  if (native === undefined) {
    native = read(key) ?? 'none';
    keys.set(key, native);
  }
  return native === 'none' ? undefined : native;
}

function read(key: PublicKey): NativeKey | undefined {
  const reader = new ByteReader(key.packet.body);
  try {
    reader.take(6);
    // RFC 9580 §5.5.2.3: version 6 says how long the material is. Version 5 is not read at all.
    if (key.version === 6 ? reader.uint(4) !== reader.left : key.version !== 4) return undefined;
    const native = readMaterial(key, reader);
    return reader.left === 0 ? native : undefined;
  } catch {
    // Cut off, or OpenSSL does not take it: a point that is not on its curve, for one (FIPS 186-5 §3.3).
    return undefined;
  }
}

function readMaterial({ version, algorithm }: PublicKey, reader: ByteReader): NativeKey | undefined {
  switch (algorithm.number) {
    case RSA:
    case RSA_SIGN_ONLY:
      return readRsa(reader);
    case ECDSA:
      return readEcdsa(algorithm.curve, reader);
    case EDDSA_LEGACY:
      // §5.5.5.5: not in version 6.
      return version === 4 ? readEddsaLegacy(reader) : undefined;
    case ED25519:
      return readEdwards('ed25519', reader);
    case ED448:
      return readEdwards('ed448', reader);
    default:
      return undefined;
  }
}

function readRsa(reader: ByteReader): NativeKey | undefined {
  const [modulus, exponent] = [exactInteger(reader), exactInteger(reader)];
  // RFC 8017 §3.1: both odd, the exponent 3 at least; with 1 anybody can make a signature.
  if (!isOdd(modulus) || !isOdd(exponent) || bitLength(exponent) < 2) return undefined;
  if (bitLength(modulus) < MIN_MODULUS_BITS) return undefined;
  const object = imported({ kty: 'RSA', n: base64url(modulus), e: base64url(exponent) });
  return { kind: 'rsa', object, octets: modulus.length };
}

function readEcdsa(name: string | undefined, reader: ByteReader): NativeKey | undefined {
  const curve = NIST.get(name);
  reader.take(reader.octet());
  const point = exactInteger(reader);
  // §11.2.1: 0x04 and both coordinates in full.
  if (curve === undefined || point[0] !== 0x04 || point.length !== 2 * curve.octets + 1) return undefined;
  const [x, y] = [point.subarray(1, 1 + curve.octets), point.subarray(1 + curve.octets)];
  const object = imported({ kty: 'EC', crv: curve.crv, x: base64url(x), y: base64url(y) });
  return { kind: 'ecdsa', object, octets: curve.octets };
}

function readEddsaLegacy(reader: ByteReader): NativeKey | undefined {
  if (!equalBytes(reader.take(reader.octet()), ED25519_LEGACY_OID)) return undefined;
  const point = exactInteger(reader);
  // §11.2.3: 0x40 says that the point is in the curve's own form.
  return point[0] === 0x40 ? edwards('ed25519', point.subarray(1), true) : undefined;
}

function readEdwards(curve: EdwardsCurve, reader: ByteReader): NativeKey | undefined {
  return edwards(curve, reader.take(pointOctets(curve)), false);
}

function edwards(curve: EdwardsCurve, point: Uint8Array, integers: boolean): NativeKey | undefined {
  if (!isOrdinaryPoint(curve, point)) return undefined;
  const crv = curve === 'ed25519' ? 'Ed25519' : 'Ed448';
  return { kind: 'eddsa', object: imported({ kty: 'OKP', crv, x: base64url(point) }), curve, integers };
}

/** JWK is read 16 to 30 times faster than SPKI. */
function imported(jwk: JsonWebKey): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** A multiprecision integer in its one right encoding (RFC 9580 §3.2). Throws for any other. */
function exactInteger(reader: ByteReader): Uint8Array {
  const bits = reader.uint(2);
  const integer = reader.take(Math.ceil(bits / 8));
  if (bitLength(integer) !== bits) {
    throw new OpenPgpError('BAD_CERTIFICATE', 'an integer with leading zeros or another length than it says');
  }
  return integer;
}

function isOdd(integer: Uint8Array): boolean {
  return ((integer.at(-1) ?? 0) & 1) === 1;
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url');
}
