/*
 * What the signature of a cleartext-signed message proves, and of whom.
 *
 * openpgp.js is asked for the mathematics only (`verifySignature`); the rules are here, because its own
 * differ from those of the Go programs that SIF images are made for. As Go and unlike openpgp.js: keys are
 * judged as of now and not as of the time that the signature claims (an expired or revoked key is refused,
 * whatever the reason); a key whose owner has renewed its self-signature since still verifies what it signed
 * before; RSA below 2048 bits and DSA are accepted, reported as weak, for a policy to refuse; of several keys
 * with one key ID each is tried; signatures over text and over binary data count alike.
 *
 * Stricter than Go: there must be exactly one signature (Go takes the first whose issuer it knows); SHA-224
 * is refused, which no known writer uses; an issuer fingerprint, where there is one, selects the key, not
 * the 64 bits of a key ID; every critical subpacket of unknown type counts, not notations only.
 *
 * Like Go, and unlike gpg, a signature that claims to be older than its key is accepted: the time is the
 * signer's claim, and reproducible builds sign with a fixed one.
 */
import type { Certificate } from './certificate.ts';
import type { CleartextMessage } from './cleartext.ts';
import { weaknessesOf } from './key-strength.ts';
import type { Weakness } from './key-strength.ts';
import { MAX_ISSUER_CLAIMS } from './limits.ts';
import { mergeCertificates } from './merge.ts';
import type { PublicKey } from './public-key.ts';
import { BINARY, claimedIssuers, signatureExpiry, TEXT } from './signature.ts';
import type { IssuerClaim, Signature } from './signature.ts';
import { signingKeys } from './signing-key.ts';
import type { KeyProblem, SigningKey } from './signing-key.ts';
import { hasUnknownCritical, NOTATION } from './subpacket.ts';
import { verifySignature } from './verify.ts';

export type InvalidReason =
  /** More than one signature in one message. */
  | 'SEVERAL_SIGNATURES'
  /** Not a signature over a document. */
  | 'WRONG_TYPE'
  /** A hash other than SHA-256, SHA-384 and SHA-512. */
  | 'HASH_NOT_ALLOWED'
  /** The key it names did not make it over this text. */
  | 'BAD_SIGNATURE'
  /** A critical subpacket or notation of unknown meaning. */
  | 'UNKNOWN_CRITICAL'
  | 'SIGNATURE_FROM_FUTURE'
  | 'SIGNATURE_EXPIRED'
  | KeyProblem;

export interface ValidSignature {
  readonly status: 'valid';
  /** The signer's, of all candidates with this primary key merged. */
  readonly certificate: Certificate;
  /** Fingerprint of the signer's primary key: who it is. */
  readonly primary: string;
  /** Fingerprint of the key that signed: the primary key or a subkey. */
  readonly signingKey: string;
  /** Seconds since 1970; the signer's claim. */
  readonly created: number;
  readonly weaknesses: readonly Weakness[];
}

export interface InvalidSignature {
  readonly status: 'invalid';
  readonly reason: InvalidReason;
  /** Whose keys the signature names: claims, evidence of nothing. */
  readonly claims: readonly IssuerClaim[];
  /**
   * Present when a key of this certificate did make the signature, and something else is wrong with it or
   * with the key.
   */
  readonly certificate?: Certificate;
}

export interface UnknownSigner {
  readonly status: 'unknown signer';
  readonly claims: readonly IssuerClaim[];
}

export type MessageVerdict = ValidSignature | InvalidSignature | UnknownSigner;

/** SHA-256, SHA-384, SHA-512 (RFC 9580 §9.5). */
const ALLOWED_HASHES: ReadonlySet<number> = new Set([8, 9, 10]);

/**
 * Whose certificates `verifyMessage` needs: each claim once, and at most `MAX_ISSUER_CLAIMS` of them, as
 * somebody will look each of them up. More are in nothing that a program writes.
 */
export function claimsOf({ signatures }: CleartextMessage): IssuerClaim[] {
  const distinct = new Map<string, IssuerClaim>();
  for (const claim of signatures.flatMap(claimedIssuers)) {
    distinct.set(claim.fingerprint ?? claim.keyId, claim);
  }
  return [...distinct.values()].slice(0, MAX_ISSUER_CLAIMS);
}

/**
 * Judges a message as of `at` (seconds since 1970). The candidates are certificates whose parts have been
 * verified (`checkCertificate`); those that the signature does not name are passed over, and several copies
 * of one are merged, so that a revocation in any of them counts.
 */
export async function verifyMessage(
  message: CleartextMessage,
  candidates: readonly Certificate[],
  at: number,
): Promise<MessageVerdict> {
  const claims = claimsOf(message);
  const [signature, ...others] = message.signatures;
  if (signature === undefined || others.length > 0) {
    return { status: 'invalid', reason: 'SEVERAL_SIGNATURES', claims };
  }
  const reason = formProblem(signature);
  if (reason !== undefined) return { status: 'invalid', reason, claims };
  const named = namedKeys(uniteCopies(candidates), claims, at);
  if (named.length === 0) return { status: 'unknown signer', claims };
  const makers: NamedKey[] = [];
  for (const one of named) {
    if (await verifySignature(signature, one.signer.key, message.signedOctets)) makers.push(one);
  }
  return verdictOn(signature, makers, claims, at);
}

/** What is wrong with a signature whoever made it. */
function formProblem({ type, hash }: Signature): InvalidReason | undefined {
  if (type !== BINARY && type !== TEXT) return 'WRONG_TYPE';
  return ALLOWED_HASHES.has(hash) ? undefined : 'HASH_NOT_ALLOWED';
}

/** Two certificates may hold one subkey, so there may be several makers; one that may sign is enough. */
function verdictOn(
  signature: Signature,
  makers: readonly NamedKey[],
  claims: readonly IssuerClaim[],
  at: number,
): MessageVerdict {
  const critical = hasCritical(signature) ? ('UNKNOWN_CRITICAL' as const) : undefined;
  const judged = makers.map(({ certificate, signer }) => ({
    certificate,
    key: signer.key,
    reason: critical ?? signer.problem ?? timeProblem(signature, at),
  }));
  const good = judged.find(({ reason }) => reason === undefined);
  if (good !== undefined) return validBy(good.certificate, good.key, signature);
  const [first] = judged;
  if (first?.reason === undefined) return { status: 'invalid', reason: 'BAD_SIGNATURE', claims };
  return { status: 'invalid', reason: first.reason, claims, certificate: first.certificate };
}

interface NamedKey {
  readonly certificate: Certificate;
  readonly signer: SigningKey;
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

function namedKeys(
  certificates: readonly Certificate[],
  claims: readonly IssuerClaim[],
  at: number,
): NamedKey[] {
  const isNamed = ({ fingerprint, keyId }: PublicKey): boolean =>
    claims.some((claim) =>
      claim.fingerprint === undefined ? claim.keyId === keyId : claim.fingerprint === fingerprint,
    );
  return certificates.flatMap((certificate) =>
    signingKeys(certificate, at)
      .filter(({ key }) => isNamed(key))
      .map((signer) => ({ certificate, signer })),
  );
}

/** No notation has a meaning here (§5.2.3.24), and no type that is unknown may be critical (§5.2.3.7). */
function hasCritical({ hashed }: Signature): boolean {
  return hasUnknownCritical(hashed) || hashed.some(({ type, critical }) => critical && type === NOTATION);
}

function timeProblem(signature: Signature, at: number): InvalidReason | undefined {
  if (signature.created > at) return 'SIGNATURE_FROM_FUTURE';
  return (signatureExpiry(signature) ?? Infinity) <= at ? 'SIGNATURE_EXPIRED' : undefined;
}

function validBy(certificate: Certificate, key: PublicKey, { created }: Signature): ValidSignature {
  const primary = certificate.primary.key;
  return {
    status: 'valid',
    certificate,
    primary: primary.fingerprint,
    signingKey: key.fingerprint,
    created,
    // A weak primary key is as bad as a weak subkey: whoever breaks it can bind a subkey of theirs.
    weaknesses: [...new Set([...weaknessesOf(primary.algorithm), ...weaknessesOf(key.algorithm)])],
  };
}
