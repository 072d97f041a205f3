/*
 * Who made a signature: mathematics only. Whether the key may sign, and whether it still may, is another matter
 * (`signing-key.ts`, `key-standing.ts`).
 */
import type { Certificate, KeyComponent } from './certificate.ts';
import type { CleartextMessage } from './cleartext.ts';
import { MAX_ISSUER_CLAIMS } from './limits.ts';
import { mergeCertificates } from './merge.ts';
import type { PublicKey } from './public-key.ts';
import { BINARY, TEXT } from './signature.ts';
import type { IssuerClaim, Signature } from './signature.ts';
import { hasUnknownCritical, NOTATION } from './subpacket.ts';
import { verifySignature } from './verify.ts';

/** A key that a signature names, or that made it, in one of the certificates that have it. */
export interface Maker {
  /** Of all candidates with its primary key merged. */
  readonly certificate: Certificate;
  /** The primary key or a subkey. */
  readonly key: PublicKey;
}

/** What keeps a message from being verified at all, whoever made it. */
export type FormProblem =
  /** More than one signature in one message. */
  | 'SEVERAL_SIGNATURES'
  /** Not a signature over a document. */
  | 'WRONG_TYPE'
  /** A hash other than SHA-256, SHA-384 and SHA-512. */
  | 'HASH_NOT_ALLOWED';

/** SHA-256, SHA-384, SHA-512 (RFC 9580 §9.5). */
const ALLOWED_HASHES: ReadonlySet<number> = new Set([8, 9, 10]);

/**
 * Whose certificates it takes to verify a message: each claim once, and at most `MAX_ISSUER_CLAIMS` of them, as
 * somebody will look each of them up. More are in nothing that a program writes.
 */
export function claimsOf({ signatures }: CleartextMessage): IssuerClaim[] {
  const distinct = new Map<string, IssuerClaim>();
  for (const claim of signatures.flatMap(({ issuers }) => issuers)) {
    distinct.set(claim.fingerprint ?? claim.keyId, claim);
  }
  return [...distinct.values()].slice(0, MAX_ISSUER_CLAIMS);
}

/** The one signature of a message, or why it is not to be verified. */
export function soleSignature({ signatures }: CleartextMessage): Signature | FormProblem {
  const [signature, ...others] = signatures;
  if (signature === undefined || others.length > 0) return 'SEVERAL_SIGNATURES';
  if (signature.type !== BINARY && signature.type !== TEXT) return 'WRONG_TYPE';
  return ALLOWED_HASHES.has(signature.hash) ? signature : 'HASH_NOT_ALLOWED';
}

/** No notation has a meaning here (§5.2.3.24), and no type that is unknown may be critical (§5.2.3.7). */
export function hasCritical({ hashed }: Signature): boolean {
  return hasUnknownCritical(hashed) || hashed.some(({ type, critical }) => critical && type === NOTATION);
}

/** The keys that the message names, of the candidates that have them. */
export function namedKeys(message: CleartextMessage, candidates: readonly Certificate[]): Maker[] {
  const claims = claimsOf(message);
  const isNamed = ({ key: { fingerprint, keyId } }: KeyComponent): boolean =>
    claims.some((claim) =>
      claim.fingerprint === undefined ? claim.keyId === keyId : claim.fingerprint === fingerprint,
    );
  return uniteCopies(candidates).flatMap((certificate) =>
    [certificate.primary, ...certificate.subkeys].filter(isNamed).map(({ key }) => ({ certificate, key })),
  );
}

/**
 * The keys that made the message's signature; several when certificates share a subkey. None when none of the
 * candidates' keys did, or the message is not to be verified (`soleSignature`). The candidates are certificates
 * whose parts have been verified (`checkCertificate`).
 */
export async function makersOf(
  message: CleartextMessage,
  candidates: readonly Certificate[],
): Promise<readonly Maker[]> {
  const signature = soleSignature(message);
  if (typeof signature === 'string') return [];
  const makers: Maker[] = [];
  for (const one of namedKeys(message, candidates)) {
    if (await verifySignature(signature, one.key, message.signedOctets)) makers.push(one);
  }
  return makers;
}

function uniteCopies(candidates: readonly Certificate[]): Certificate[] {
  const united = new Map<string, Certificate>();
  for (const one of candidates) {
    const { fingerprint } = one.primary.key;
    const before = united.get(fingerprint);
    united.set(fingerprint, before === undefined ? one : mergeCertificates(before, one));
  }
  return [...united.values()];
}
