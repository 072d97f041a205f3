import { KeystoreError } from './error.ts';

const FINGERPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/u;

/** The 20 or 32 octets of a fingerprint in upper-case hexadecimal; undefined when it is not one. */
export function fingerprintOctets(fingerprint: string): Buffer | undefined {
  return FINGERPRINT.test(fingerprint) ? Buffer.from(fingerprint, 'hex') : undefined;
}

/** The same, throwing `WRONG_FINGERPRINT` when it is not one. */
export function requiredFingerprint(fingerprint: string): Buffer {
  const octets = fingerprintOctets(fingerprint);
  if (octets === undefined) {
    throw new KeystoreError(
      'WRONG_FINGERPRINT',
      'A certificate is named by the fingerprint of its primary key: 40 or 64 upper-case hexadecimal digits.',
    );
  }
  return octets;
}

export function fingerprintText(octets: Buffer): string {
  return octets.toString('hex').toUpperCase();
}
