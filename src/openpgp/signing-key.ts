/*
 * Which keys of a certificate may sign data at a point in time. What makes a signature and what judges one
 * ask here, so that nothing is signed that would not be accepted.
 */
import type { Certificate, KeyComponent } from './certificate.ts';
import { ENCRYPTION_ONLY } from './key-algorithm.ts';
import type { PublicKey } from './public-key.ts';
import * as types from './signature.ts';
import { isOver, keyFlags, mayBeIssuedBy } from './signature.ts';
import type { Signature } from './signature.ts';
import { certificateState, newest } from './state.ts';
import type { CertificateState, SubkeyState } from './state.ts';

/** Why a key may not sign, now. */
export type KeyProblem =
  /** The primary key or the subkey has been revoked, for any reason, with any date. */
  | 'KEY_REVOKED'
  /** Every user ID has been revoked. */
  | 'USER_ID_REVOKED'
  /** The primary key, the subkey, its binding, or every user ID has expired. */
  | 'KEY_EXPIRED'
  /** The key claims to be made later than now. */
  | 'KEY_FROM_FUTURE'
  /** No self-signature of the primary key counts now. */
  | 'NO_SELF_SIGNATURE'
  /** By its flags, its algorithm or its binding it is no key for signing data. */
  | 'NOT_A_SIGNING_KEY';

/** What keeps a key from ever having been one that signs data, as far as is known now. */
export type FormalProblem = Extract<
  KeyProblem,
  'KEY_FROM_FUTURE' | 'NO_SELF_SIGNATURE' | 'NOT_A_SIGNING_KEY'
>;

export interface SigningKey {
  readonly key: PublicKey;
  /** Absent: the key may sign. */
  readonly problem?: KeyProblem;
}

/** Key flag (RFC 9580 §5.2.3.29): this key may be used to sign data. */
const SIGN_DATA = 0x02;

/**
 * Every key of a checked certificate, the primary key first, with what forbids it to sign at `at` (seconds
 * since 1970). Dates are judged as of then, never as of the time a signature claims for itself: whoever holds
 * an expired or stolen key can claim any.
 */
export function signingKeys(certificate: Certificate, at: number): SigningKey[] {
  const state = certificateState(certificate, at);
  const whole = certificateProblem(certificate, state, at);
  const found = (key: PublicKey, problem: KeyProblem | undefined): SigningKey =>
    problem === undefined ? { key } : { key, problem };
  return [
    found(certificate.primary.key, whole ?? primaryProblem(certificate, state, at)),
    ...certificate.subkeys.map((subkey) =>
      found(subkey.key, whole ?? subkeyProblem(subkey, certificate.primary.key, state, at)),
    ),
  ];
}

/** What of a key's problems is neither expiry nor revocation, whether it is expired or revoked or not. */
export function formalProblem(
  certificate: Certificate,
  key: PublicKey,
  at: number,
): FormalProblem | undefined {
  const { primary, subkeys } = certificate;
  const state = certificateState(certificate, at);
  if (state.created > at) return 'KEY_FROM_FUTURE';
  if (identityProblem(primary, state, at) === 'NO_SELF_SIGNATURE') return 'NO_SELF_SIGNATURE';
  if (key.fingerprint === primary.key.fingerprint) return primaryProblem(certificate, state, at);
  const subkey = subkeys.find((one) => one.key.fingerprint === key.fingerprint);
  return subkey === undefined ? 'NOT_A_SIGNING_KEY' : bindingProblem(subkey.key, state, at);
}

/** What is wrong with the certificate as a whole. */
function certificateProblem(
  { primary }: Certificate,
  state: CertificateState,
  at: number,
): KeyProblem | undefined {
  if (state.revoked || isRevoked(primary.signatures, types.KEY_REVOCATION, at)) return 'KEY_REVOKED';
  if (state.created > at) return 'KEY_FROM_FUTURE';
  if (state.expired) return 'KEY_EXPIRED';
  return identityProblem(primary, state, at);
}

/** A certificate whose every user ID is gone is not in use any more, even if its key was never revoked. */
function identityProblem(
  primary: KeyComponent,
  { userIds }: CertificateState,
  at: number,
): KeyProblem | undefined {
  if (userIds.some((one) => one.primary)) return undefined;
  if (userIds.some((one) => one.revoked)) return 'USER_ID_REVOKED';
  if (userIds.some((one) => one.expired)) return 'KEY_EXPIRED';
  return directKeySignature(primary, at) === undefined ? 'NO_SELF_SIGNATURE' : undefined;
}

function directKeySignature({ signatures }: KeyComponent, at: number): Signature | undefined {
  return newest(
    signatures.filter((one) => one.type === types.DIRECT_KEY && !isOver(one, at)),
    at,
  );
}

/**
 * A revocation counts from the moment it is known, whatever its date: an owner's clock that runs ahead must
 * not keep a key alive. A soft one that has expired is over (`state.revoked` has the hard ones).
 */
function isRevoked(signatures: readonly Signature[], type: number, at: number): boolean {
  return signatures.some((one) => one.type === type && !isOver(one, at));
}

function primaryProblem(
  certificate: Certificate,
  state: CertificateState,
  at: number,
): 'NOT_A_SIGNING_KEY' | undefined {
  if (ENCRYPTION_ONLY.has(state.algorithm.number)) return 'NOT_A_SIGNING_KEY';
  const flags = primaryFlags(certificate, state, at);
  // §5.2.3.29 leaves open what a key without flags is for; Go and gpg let a primary key sign.
  return flags === undefined || (flags & SIGN_DATA) !== 0 ? undefined : 'NOT_A_SIGNING_KEY';
}

/**
 * §5.2.3.10: version 6 keys say it in the direct-key signature, version 4 keys with the user ID. When none is in
 * use any more, the one that would come first still says what the key was for.
 */
function primaryFlags(
  { primary, userIds }: Certificate,
  state: CertificateState,
  at: number,
): number | undefined {
  const direct = directKeySignature(primary, at);
  const directFlags = direct && keyFlags(direct);
  if (state.version === 6) return directFlags;
  // The primary one is the first, if there is one.
  const bytes = state.userIds[0]?.bytes;
  const component = userIds.find(({ packet }) => packet.body === bytes);
  const certification = newest(
    (component?.signatures ?? []).filter(
      (one) => types.CERTIFICATIONS.has(one.type) && mayBeIssuedBy(one, primary.key),
    ),
    at,
  );
  return (certification && keyFlags(certification)) ?? directFlags;
}

function subkeyProblem(
  { key, signatures }: KeyComponent,
  primary: PublicKey,
  certificate: CertificateState,
  at: number,
): KeyProblem | undefined {
  const state = subkeyState(certificate, key);
  const own = signatures.filter((one) => mayBeIssuedBy(one, primary));
  if (state?.revoked === true || isRevoked(own, types.SUBKEY_REVOCATION, at)) return 'KEY_REVOKED';
  return bindingProblem(key, certificate, at) ?? (state?.expired === true ? 'KEY_EXPIRED' : undefined);
}

function subkeyState({ subkeys }: CertificateState, { fingerprint }: PublicKey): SubkeyState | undefined {
  return subkeys.find((one) => one.fingerprint === fingerprint);
}

/**
 * Stricter than Go: a subkey whose binding has no key flags does not sign. Its back-signature may never have
 * been asked for.
 */
function bindingProblem(
  key: PublicKey,
  certificate: CertificateState,
  at: number,
): FormalProblem | undefined {
  const flags = subkeyState(certificate, key)?.flags ?? 0;
  if ((flags & SIGN_DATA) === 0 || ENCRYPTION_ONLY.has(key.algorithm.number)) return 'NOT_A_SIGNING_KEY';
  return key.created > at ? 'KEY_FROM_FUTURE' : undefined;
}
