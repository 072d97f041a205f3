/* Certificates over time: what was seen once is kept, whatever a source says later. */
import { equalBytes } from '../../bytes/compare.ts';
import { serializeCertificate, signatureIdentity } from '../../openpgp/certificate.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { mergeWithin } from '../../openpgp/fit.ts';
import { DEFAULT_CHECK_LIMITS } from '../../openpgp/limits.ts';
import { bodyIdentity } from '../../openpgp/merge.ts';
import { CERTIFICATION_REVOCATION, KEY_REVOCATION, SUBKEY_REVOCATION } from '../../openpgp/signature.ts';
import type { Signature } from '../../openpgp/signature.ts';
import { MAX_SEEN_OCTETS } from '../limits.ts';

/** The union; when that grows beyond all bounds, only revocations are still added. */
export function mergeSeen(before: Certificate | undefined, offered: Certificate): Certificate {
  if (before === undefined || before === offered) return offered;
  const limits = { ...DEFAULT_CHECK_LIMITS, certificateOctets: MAX_SEEN_OCTETS };
  const { certificate } = mergeWithin(before, offered, limits);
  if (sameCertificate(certificate, before)) return before;
  return sameCertificate(certificate, offered) ? offered : certificate;
}

export function sameCertificate(a: Certificate | undefined, b: Certificate | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && equalBytes(serializeCertificate(a), serializeCertificate(b));
}

const REVOCATIONS: ReadonlySet<number> = new Set([
  KEY_REVOCATION,
  SUBKEY_REVOCATION,
  CERTIFICATION_REVOCATION,
]);

/**
 * Whether an answer lacks a revocation, or the newest signature of any other kind on one of its parts, that the
 * same source gave before. Older self-signatures may go: programs clean certificates up.
 */
export function givesLess(before: Certificate, answer: Certificate): boolean {
  const given = new Map(componentsOf(answer));
  return componentsOf(before).some(([name, signatures]) => {
    const held = new Set((given.get(name) ?? []).map(signatureIdentity));
    return mattering(signatures).some((one) => !held.has(signatureIdentity(one)));
  });
}

type Component = readonly [name: string, signatures: readonly Signature[]];

function componentsOf({ primary, userIds, subkeys }: Certificate): Component[] {
  return [
    ['primary', primary.signatures],
    ...userIds.map((one): Component => [`user ID ${bodyIdentity(one)}`, one.signatures]),
    ...subkeys.map(({ key, signatures }): Component => [`subkey ${key.fingerprint}`, signatures]),
  ];
}

function mattering(signatures: readonly Signature[]): Signature[] {
  const newest = new Map<number, Signature>();
  for (const one of signatures) {
    const before = newest.get(one.type);
    if (before === undefined || before.created < one.created) newest.set(one.type, one);
  }
  return signatures.filter((one) => REVOCATIONS.has(one.type) || newest.get(one.type) === one);
}
