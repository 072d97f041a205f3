/* How people name a key: by fingerprint, or by a key ID, which may be that of several. */
import type { Certificate } from '../openpgp/certificate.ts';
import { KeyringError } from './error.ts';

/** A fingerprint of 40 (version 4) or 64 digits, or a key ID of 16 or 8, in upper-case hexadecimal. */
export type KeyName = string;

const DIGITS: ReadonlySet<number> = new Set([8, 16, 40, 64]);

/** Reads what somebody typed: with or without 0x, in either case, with spaces. Throws `BAD_NAME`. */
export function readKeyName(text: string): KeyName {
  const name = text.replaceAll(/\s/g, '').replace(/^0x/i, '').toUpperCase();
  if (/^[0-9A-F]+$/.test(name) && DIGITS.has(name.length)) return name;
  throw new KeyringError(
    'BAD_NAME',
    `"${text}" is no key: give a fingerprint (40 or 64 hexadecimal digits) or a key ID (16 or 8)`,
  );
}

/** What a name may be compared with, of a primary key or subkey. */
export interface NamedKey {
  readonly fingerprint: string;
  readonly keyId: string;
}

export function isNamed(name: KeyName, { fingerprint, keyId }: NamedKey): boolean {
  if (name.length > 16) return fingerprint === name;
  return keyId.endsWith(name);
}

/** By the primary key or any subkey. */
export function isCertificateNamed(name: KeyName, { primary, subkeys }: Certificate): boolean {
  return isNamed(name, primary.key) || subkeys.some(({ key }) => isNamed(name, key));
}

/** The one of `fingerprints` that was meant. Throws `NO_SUCH_KEY`, and `AMBIGUOUS` with all that were. */
export function theOnly(name: KeyName, fingerprints: readonly string[], where: string): string {
  const distinct = [...new Set(fingerprints)];
  const [only] = distinct;
  if (only === undefined) throw new KeyringError('NO_SUCH_KEY', `there is no key ${name} in ${where}`);
  if (distinct.length === 1) return only;
  throw new KeyringError(
    'AMBIGUOUS',
    `${name} names ${distinct.length} keys: ${distinct.join(', ')}; give the fingerprint of the one you mean`,
  );
}
