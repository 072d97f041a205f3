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
import { weaknessesOfKey } from './key-strength.ts';
import type { Weakness } from './key-strength.ts';
import { claimsOf, hasCritical, makersOf, namedKeys, soleSignature } from './makers.ts';
import type { FormProblem, Maker } from './makers.ts';
import type { PublicKey } from './public-key.ts';
import { isOver } from './signature.ts';
import type { IssuerClaim, Signature } from './signature.ts';
import { signingKeys } from './signing-key.ts';
import type { KeyProblem } from './signing-key.ts';

export type InvalidReason =
  | FormProblem
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
  const signature = soleSignature(message);
  if (typeof signature === 'string') return { status: 'invalid', reason: signature, claims };
  if (namedKeys(message, candidates).length === 0) return { status: 'unknown signer', claims };
  return verdictOn(signature, await makersOf(message, candidates), claims, at);
}

/** Two certificates may hold one subkey, so there may be several makers; one that may sign is enough. */
function verdictOn(
  signature: Signature,
  makers: readonly Maker[],
  claims: readonly IssuerClaim[],
  at: number,
): MessageVerdict {
  const critical = hasCritical(signature) ? ('UNKNOWN_CRITICAL' as const) : undefined;
  const judged = makers.map(({ certificate, key }) => ({
    certificate,
    key,
    reason: critical ?? problemOf(certificate, key, at) ?? timeProblem(signature, at),
  }));
  const good = judged.find(({ reason }) => reason === undefined);
  if (good !== undefined) return validBy(good.certificate, good.key, signature);
  const [first] = judged;
  if (first?.reason === undefined) return { status: 'invalid', reason: 'BAD_SIGNATURE', claims };
  return { status: 'invalid', reason: first.reason, claims, certificate: first.certificate };
}

function problemOf(certificate: Certificate, { fingerprint }: PublicKey, at: number): KeyProblem | undefined {
  return signingKeys(certificate, at).find(({ key }) => key.fingerprint === fingerprint)?.problem;
}

function timeProblem(signature: Signature, at: number): InvalidReason | undefined {
  if (signature.created > at) return 'SIGNATURE_FROM_FUTURE';
  return isOver(signature, at) ? 'SIGNATURE_EXPIRED' : undefined;
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
    weaknesses: [...new Set([...weaknessesOfKey(primary), ...weaknessesOfKey(key)])],
  };
}
