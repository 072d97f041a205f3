/* Keys of DSSE signatures: Ed25519, ECDSA on the NIST curves and RSA, read from PEM (PKIX and PKCS #8). */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { IntegrityError } from './error.ts';
import { MAX_PEM_OCTETS, MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';
import { sshKeyId } from './ssh-key-id.ts';

/** A key that fits the rules above, with its ID. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly keyId: string;
}

/**
 * The public key of a PEM file. Throws `BAD_PEM` for anything else, a private key included: it has no place
 * where signatures are verified, and `UNSUPPORTED_KEY` for a kind or size that is refused.
 */
export function readPublicKeyPem(pem: Uint8Array): SigningKey {
  const text = pemText(pem);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new IntegrityError('BAD_PEM', 'this is a private key; give the public key that belongs to it');
  }
  if (!/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text)) {
    throw new IntegrityError('BAD_PEM', 'no PEM public key (“-----BEGIN PUBLIC KEY-----”) in the file');
  }
  return checkedKey(readPem(() => createPublicKey(text), 'public key'));
}

/**
 * The private key of a PEM file. Throws `BAD_PEM` when there is none or the passphrase is wrong or missing,
 * `UNSUPPORTED_KEY` for a kind or size that is refused.
 */
export function readPrivateKeyPem(pem: Uint8Array, passphrase?: string): SigningKey {
  const text = pemText(pem);
  const options = { key: text, ...(passphrase !== undefined && { passphrase }) };
  return checkedKey(readPem(() => createPrivateKey(options), 'private key, or its passphrase is wrong'));
}

/** Checks kind and size. Throws `UNSUPPORTED_KEY`. The ID is that of the public part. */
export function checkedKey(key: KeyObject): SigningKey {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)) {
    throw new IntegrityError(
      'UNSUPPORTED_KEY',
      `an RSA key of ${bits} bits; ${MIN_RSA_BITS} to ${MAX_RSA_BITS} are accepted`,
    );
  }
  const keyId = sshKeyId(key.type === 'private' ? createPublicKey(key) : key);
  if (keyId === undefined) {
    throw new IntegrityError(
      'UNSUPPORTED_KEY',
      `a key of the kind ${key.asymmetricKeyType ?? 'unknown'}; Ed25519, RSA and ECDSA on P-256, P-384 or P-521 are accepted`,
    );
  }
  return { key, keyId };
}

export function pemText(pem: Uint8Array): string {
  if (pem.length > MAX_PEM_OCTETS) {
    throw new IntegrityError('BAD_PEM', `a PEM file of more than ${MAX_PEM_OCTETS} octets`);
  }
  return Buffer.from(pem).toString('latin1');
}

/** OpenSSL's message may quote what it read: it is not passed on. */
function readPem(read: () => KeyObject, what: string): KeyObject {
  try {
    return read();
  } catch {
    throw new IntegrityError('BAD_PEM', `the file cannot be read as a ${what}`);
  }
}
