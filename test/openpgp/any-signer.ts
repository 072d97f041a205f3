/*
 * Version 4 and 6 keys of every algorithm that node:crypto can sign with, and direct-key signatures by them.
 * Everything is put together by hand: nothing of what is tested takes part in making it.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { framePacket, PUBLIC_KEY, SIGNATURE } from '../../src/openpgp/packet.ts';
import { readPublicKey } from '../../src/openpgp/public-key.ts';
import type { PublicKey } from '../../src/openpgp/public-key.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import type { Signature } from '../../src/openpgp/signature.ts';
import { EPOCH } from '../fixtures/test-key.ts';

const FRAMING = { legacy: false, lengthOctets: 1 };

export function uint(value: number, octets: number): Buffer {
  const buffer = Buffer.alloc(octets);
  buffer.writeUIntBE(value, 0, octets);
  return buffer;
}

/** Bit count and octets of an integer. */
export function mpi(octets: Uint8Array): Buffer {
  const hex = Buffer.from(octets)
    .toString('hex')
    .replace(/^(00)+/, '');
  const bits = hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length;
  return Buffer.concat([uint(bits, 2), Buffer.from(hex, 'hex')]);
}

/** All integers of a DER structure, in order. */
export function derIntegers(der: Uint8Array): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at];
    const first = der[at + 1] ?? 0;
    const wide = first < 0x80 ? 0 : first & 0x7f;
    const length = wide === 0 ? first : Buffer.from(der).readUIntBE(at + 2, wide);
    const start = at + 2 + wide;
    const content = der.subarray(start, start + length);
    if (tag === 0x02) found.push(Buffer.from(content));
    if (tag === 0x30) found.push(...derIntegers(content));
    if (tag === 0x03) found.push(...derIntegers(content.subarray(1)));
    at = start + length;
  }
  return found;
}

export interface SignerOptions {
  version?: 4 | 6;
  /** Public-key algorithm ID. */
  algorithm: number;
  /** The algorithm-specific part of the key packet. */
  material: Uint8Array;
  /** The signature proper over what is hashed. */
  make: (input: Uint8Array, hash: string) => Uint8Array;
}

export interface AnySignature {
  type?: number;
  version?: 4 | 6;
  /** A hash algorithm by its ID and its name in node:crypto. */
  hash?: { id: number; name: string };
  /** Hashed subpackets after the creation time. */
  hashed?: Uint8Array[];
}

const SHA512 = { id: 10, name: 'sha512' };

/** RFC 9580 §9.5, table 23, where it is not 32. */
const SALT_OCTETS: Readonly<Record<number, number>> = { 8: 16, 9: 24, 11: 16, 12: 16 };

/** A key, and something that signs for it. */
export class AnySigner {
  readonly key: PublicKey;
  readonly #options: SignerOptions;

  constructor(options: SignerOptions) {
    const { version = 4, algorithm, material } = options;
    const body = Buffer.concat([
      Buffer.of(version),
      uint(EPOCH, 4),
      Buffer.of(algorithm),
      version === 6 ? uint(material.length, 4) : Buffer.alloc(0),
      material,
    ]);
    this.key = readPublicKey(framePacket(PUBLIC_KEY, body, FRAMING));
    this.#options = options;
  }

  /** A direct-key signature over `subject`, in the version of the key, with SHA-512, unless told otherwise. */
  sign(
    subject: Uint8Array,
    {
      type = 0x1f,
      version = this.#options.version ?? 4,
      hash = SHA512,
      hashed: more = [],
    }: AnySignature = {},
  ): Signature {
    const { algorithm, make } = this.#options;
    const hashed = Buffer.concat([Buffer.of(5, 2), uint(EPOCH, 4), ...more]);
    const width = version === 6 ? 4 : 2;
    const hashedPart = Buffer.concat([
      Buffer.of(version, type, algorithm, hash.id),
      uint(hashed.length, width),
      hashed,
    ]);
    const salt = Buffer.alloc(version === 6 ? (SALT_OCTETS[hash.id] ?? 32) : 0, 0x5a);
    const trailer = Buffer.concat([Buffer.of(version, 0xff), uint(hashedPart.length, 4)]);
    const input = Buffer.concat([salt, subject, hashedPart, trailer]);
    const body = Buffer.concat([
      hashedPart,
      uint(0, width),
      createHash(hash.name).update(input).digest().subarray(0, 2),
      version === 6 ? Buffer.concat([Buffer.of(salt.length), salt]) : salt,
      make(input, hash.name),
    ]);
    return readSignature(framePacket(SIGNATURE, body, FRAMING));
  }
}

const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
export const halves = (octets: Buffer): Buffer =>
  Buffer.concat([mpi(octets.subarray(0, octets.length / 2)), mpi(octets.subarray(octets.length / 2))]);

export function rsaSigner(bits: number): AnySigner {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return new AnySigner({
    algorithm: 1,
    material: Buffer.concat(derIntegers(spki(publicKey)).map(mpi)),
    make: (input, hash) => mpi(sign(hash, input, privateKey)),
  });
}

export function dsaSigner(modulusLength: number, divisorLength: number): AnySigner {
  const { publicKey, privateKey } = generateKeyPairSync('dsa', { modulusLength, divisorLength });
  return new AnySigner({
    algorithm: 17,
    material: Buffer.concat(derIntegers(spki(publicKey)).map(mpi)),
    make: (input, hash) => halves(sign(hash, input, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  });
}

/** `curve` as node:crypto names it, `oid` as RFC 9580 §9.2 writes it. */
export function ecdsaSigner(curve: string, oid: string, octets: number): AnySigner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const point = spki(publicKey).subarray(-(2 * octets + 1));
  return new AnySigner({
    algorithm: 19,
    material: Buffer.concat([Buffer.of(oid.length / 2), Buffer.from(oid, 'hex'), mpi(point)]),
    make: (input, hash) => halves(sign(hash, input, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  });
}

/** A key of EdDSA as version 4 writes it (algorithm 22): OID, prefixed point, two integers. */
export function legacyEdwardsSigner(): AnySigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return new AnySigner({
    algorithm: 22,
    material: legacyMaterial(spki(publicKey).subarray(-32)),
    make: (input, hash) => halves(sign(null, createHash(hash).update(input).digest(), privateKey)),
  });
}

/** The material of a key of algorithm 22 with this point. */
export function legacyMaterial(point: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('092b06010401da470f01', 'hex'), mpi(Buffer.of(0x40, ...point))]);
}

/** Ed25519 (27) and Ed448 (28) as RFC 9580 §5.5.5.9 writes them: octets, no integers, no OID. */
export function edwardsSigner(curve: 'ed25519' | 'ed448', version: 4 | 6): AnySigner {
  const { publicKey, privateKey } =
    curve === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448');
  return new AnySigner({
    version,
    algorithm: curve === 'ed25519' ? 27 : 28,
    material: spki(publicKey).subarray(curve === 'ed25519' ? -32 : -57),
    make: (input, hash) => sign(null, createHash(hash).update(input).digest(), privateKey),
  });
}
