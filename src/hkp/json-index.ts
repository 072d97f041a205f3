/*
 * The index as JSON: draft-ietf-openpgp-hkp §7.1.1, Tables 8 to 11. Confidence is left out: this server does
 * not check who owns an address.
 */
import type { CertificateState } from '../openpgp/state.ts';

type KeyAlgorithm = CertificateState['algorithm'];

interface Lifetime {
  readonly created: number;
  readonly expires?: number;
  readonly expired: boolean;
  readonly revoked: boolean;
}

export function jsonIndex(certificates: readonly CertificateState[]): object[] {
  return certificates.map((certificate) => ({
    ...key(certificate),
    userIDs: certificate.userIds.map((userId) => ({ uidString: userId.text, ...lifetime(userId) })),
    subkeys: certificate.subkeys.map(key),
  }));
}

function key(part: Lifetime & { version: number; fingerprint: string; algorithm: KeyAlgorithm }): object {
  return {
    version: part.version,
    fingerprint: part.fingerprint.toLowerCase(),
    ...lifetime(part),
    algorithm: algorithm(part.algorithm),
  };
}

function lifetime(part: Lifetime): object {
  return {
    creation: rfc3339(part.created),
    ...(part.expires === undefined ? {} : { expiration: rfc3339(part.expires) }),
    isExpired: part.expired,
    isRevoked: part.revoked,
  };
}

/** RSA, ElGamal and DSA: the algorithms whose number does not say the length (RFC 9580 §9.1). */
const WITH_LENGTH: ReadonlySet<number> = new Set([1, 2, 3, 16, 17, 20]);

function algorithm({ number, name, bits }: KeyAlgorithm): object {
  return { code: number, name, ...(WITH_LENGTH.has(number) ? { bitLength: bits } : {}) };
}

function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
