/*
 * Fingerprints and key IDs (RFC 9580 §5.5.4), computed from the octets of a key packet's body. Text forms
 * are upper-case hexadecimal without separators.
 */
import { hash } from 'node:crypto';

/**
 * The octets of a key as they are hashed, for its fingerprint (§5.5.4) and under signatures (§5.2.4): the
 * octet and the length that stand before the body follow the key's version. Version 5 (LibrePGP) occurs
 * as a subkey of version 4 certificates.
 */
export function hashedKey(version: number, body: Uint8Array): Uint8Array {
  const lengthOctets = version >= 5 ? 4 : 2;
  const hashed = Buffer.allocUnsafe(1 + lengthOctets + body.length);
  hashed[0] = 0x95 + version;
  hashed.writeUIntBE(body.length, 1, lengthOctets);
  hashed.set(body, 1 + lengthOctets);
  return hashed;
}

/** 40 digits for version 4, 64 for 5 and 6. Version 3 fingerprints are made otherwise and not made here. */
export function fingerprintOf(version: number, body: Uint8Array): string {
  // At once: an object that takes octets bit by bit costs more than to hash a key.
  return hash(version >= 5 ? 'sha256' : 'sha1', hashedKey(version, body), 'hex').toUpperCase();
}

/** The 16 digits of a key ID: the last of a version 4 fingerprint, the first of later ones. */
export function keyIdOf(fingerprint: string): string {
  return fingerprint.length === 40 ? fingerprint.slice(-16) : fingerprint.slice(0, 16);
}
