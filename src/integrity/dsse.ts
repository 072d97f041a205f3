/*
 * DSSE envelopes (secure-systems-lab/dsse, protocol.md and envelope.md) as sif v2 writes them
 * (pkg/integrity/dsse.go). The envelope's own JSON is signed by nobody; payload and type are.
 */
import { sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { MAX_ENVELOPE_SIGNATURES } from './limits.ts';
import type { SigningKey } from './signing-key.ts';

export const PAYLOAD_TYPE = 'application/vnd.sylabs.sif-metadata+json';

/** Hashes that ECDSA and RSA sign with; Ed25519 has its own. */
export type DsseHash = 'sha256' | 'sha384' | 'sha512';

export interface Envelope {
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  /** Empty when it is not given. Anybody can write it: it only tells which key to try. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** True for what is meant as an envelope: a JSON object. Clear-signed messages begin otherwise. */
export function looksLikeEnvelope(octets: Uint8Array): boolean {
  const first = octets.find((octet) => octet !== 0x20 && octet !== 0x09 && octet !== 0x0a && octet !== 0x0d);
  return first === 0x7b;
}

/** The envelope, or what is wrong with it, in words. Other payload types are refused. */
export function readEnvelope(octets: Uint8Array): Envelope | string {
  const value = parseJson(octets);
  if (!isObject(value)) return 'it is not one JSON object in UTF-8';
  if (value['payloadType'] !== PAYLOAD_TYPE) return 'its payload type is not that of signed images';
  const payload = base64In(value, 'payload');
  if (payload === undefined) return 'its payload is not base64';
  const { signatures } = value;
  if (!Array.isArray(signatures) || signatures.length === 0) return 'it has no signatures';
  if (signatures.length > MAX_ENVELOPE_SIGNATURES) {
    return `it has ${signatures.length} signatures; at most ${MAX_ENVELOPE_SIGNATURES} are read`;
  }
  const read = signatures.map(readEnvelopeSignature);
  if (read.some((one) => one === undefined)) return 'one of its signatures has no base64 in it';
  return { payload, signatures: read.filter((one) => one !== undefined) };
}

function readEnvelopeSignature(value: unknown): EnvelopeSignature | undefined {
  if (!isObject(value)) return undefined;
  const { keyid = '' } = value;
  const signature = base64In(value, 'sig');
  return signature === undefined || typeof keyid !== 'string' ? undefined : { keyId: keyid, signature };
}

/**
 * Which of the keys made a signature of the envelope: the first that did, or undefined. One is enough. A
 * signature that names another key is not tried with this one.
 */
export function verifyEnvelope<Key extends SigningKey>(
  envelope: Envelope,
  keys: readonly Key[],
  hash: DsseHash,
): Key | undefined {
  const input = preAuthentication(envelope.payload);
  return keys.find((key) =>
    candidatesOf(envelope, key).some(({ signature }) => isGood(key.key, hash, input, signature)),
  );
}

/** True when the envelope has a signature that may be by the key. */
export function mayBeSignedBy(envelope: Envelope, key: SigningKey): boolean {
  return candidatesOf(envelope, key).length > 0;
}

function candidatesOf({ signatures }: Envelope, { keyId }: SigningKey): readonly EnvelopeSignature[] {
  return signatures.filter((one) => one.keyId === '' || one.keyId === keyId);
}

/** The text of an envelope with one signature by each key, as Go writes it: compact, no line end. */
export function writeEnvelope(payload: Uint8Array, keys: readonly SigningKey[], hash: DsseHash): string {
  const input = preAuthentication(payload);
  return JSON.stringify({
    payloadType: PAYLOAD_TYPE,
    payload: Buffer.from(payload).toString('base64'),
    signatures: keys.map(({ key, keyId }) => ({
      keyid: keyId,
      sig: sign(hashFor(key, hash), input, key).toString('base64'),
    })),
  });
}

/** PAE of protocol.md: what is signed. */
function preAuthentication(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(PAYLOAD_TYPE)} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function isGood(key: KeyObject, hash: DsseHash, input: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(hashFor(key, hash), input, key, signature);
  } catch {
    // OpenSSL throws for some signatures that are malformed.
    return false;
  }
}

function hashFor(key: KeyObject, hash: DsseHash): DsseHash | null {
  return key.asymmetricKeyType === 'ed25519' ? null : hash;
}

function base64In(value: Record<string, unknown>, key: string): Uint8Array | undefined {
  const text = value[key];
  if (typeof text !== 'string') return undefined;
  // Go's decoder passes over line ends, and the standard allows both alphabets.
  const digits = text.replace(/[\r\n]+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits) && !/^[A-Za-z0-9_-]*={0,2}$/.test(digits)) return undefined;
  if (digits.length % 4 !== 0) return undefined;
  return Buffer.from(digits, 'base64');
}

function parseJson(octets: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
