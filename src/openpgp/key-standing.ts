/*
 * What a certificate says of one of its keys, as facts with times for a policy to judge. `signing-key.ts` is the
 * verdict of those who have no policy; a key has a problem there exactly when one of these facts is against it.
 */
import type { Certificate, UserIdComponent } from './certificate.ts';
import { weaknessesOfKey } from './key-strength.ts';
import { WEAKNESS_WORDS } from './weakness.ts';
import type { PublicKey } from './public-key.ts';
import * as types from './signature.ts';
import { isOver, mayBeIssuedBy, revocationReason, signatureExpiry } from './signature.ts';
import type { Signature } from './signature.ts';
import { formalProblem } from './signing-key.ts';
import type { FormalProblem } from './signing-key.ts';
import { certificateState, isHard, newest } from './state.ts';

/** All times in seconds since 1970. */
export interface KeyStanding {
  /** Never allowed to sign data, in words. */
  readonly cannotSign?: string;
  /** The key, or the primary key that vouches for it, can be broken by today's measure, in words. */
  readonly weak?: string;
  /** When the primary key, the subkey, its binding, or the last user ID ends, whichever is first. */
  readonly expires?: number;
  /** Of the primary key, the subkey, or every user ID; hard before soft, earlier before later. */
  readonly revocation?: StandingRevocation;
}

export interface StandingRevocation {
  /** No signature of the key counts, of whatever date (RFC 9580 §5.2.3.31). */
  readonly hard: boolean;
  /** When, as the revocation says; it may be ahead of now. */
  readonly at: number;
  /** The reason in the owner's words: hostile text. */
  readonly text: string;
}

const CANNOT_SIGN: Readonly<Record<FormalProblem, string>> = {
  KEY_FROM_FUTURE: 'the key claims to be made in the future',
  NO_SELF_SIGNATURE: 'no self-signature of the key counts now',
  NOT_A_SIGNING_KEY: 'the key is not one for signing data',
};

/** Of a key of a checked certificate, with what is known at `at`. */
export function keyStanding(certificate: Certificate, key: PublicKey, at: number): KeyStanding {
  const problem = formalProblem(certificate, key, at);
  // With the exponent 3 only careless verifiers take forgeries.
  const weaknesses = [certificate.primary.key, key]
    .flatMap(weaknessesOfKey)
    .filter((one) => one !== 'EXPONENT_3');
  const identity = identityOf(certificate, at);
  const expires = Math.min(keyExpiry(certificate, key, at), identity.ends);
  const revocation = worst([...keyRevocations(certificate, key, at), ...identity.revocations]);
  return {
    ...(problem !== undefined && { cannotSign: CANNOT_SIGN[problem] }),
    ...(weaknesses[0] !== undefined && { weak: WEAKNESS_WORDS[weaknesses[0]] }),
    ...(expires !== Infinity && { expires }),
    ...(revocation && { revocation }),
  };
}

/** The first time after `at` when `keyStanding` may say something else of the same certificate; else Infinity. */
export function standingHolds({ primary, userIds, subkeys }: Certificate, at: number): number {
  const keys = [primary, ...subkeys];
  const times = [...keys, ...userIds].flatMap(({ signatures }) =>
    signatures.flatMap((one) => [one.created, signatureExpiry(one) ?? Infinity]),
  );
  return [...times, ...keys.map(({ key }) => key.created)]
    .filter((time) => time > at)
    .reduce((a, b) => Math.min(a, b), Infinity);
}

function keyExpiry(certificate: Certificate, { fingerprint }: PublicKey, at: number): number {
  const { expires = Infinity, subkeys } = certificateState(certificate, at);
  const subkey = subkeys.find((one) => one.fingerprint === fingerprint);
  return Math.min(expires, subkey?.expires ?? Infinity);
}

function keyRevocations(
  { primary, subkeys }: Certificate,
  { fingerprint }: PublicKey,
  at: number,
): StandingRevocation[] {
  const subkey = subkeys.find(({ key }) => key.fingerprint === fingerprint);
  return [
    ...primary.signatures.filter(({ type }) => type === types.KEY_REVOCATION),
    ...(subkey?.signatures ?? []).filter(({ type }) => type === types.SUBKEY_REVOCATION),
  ]
    .filter((one) => isHard(one) || !isOver(one, at))
    .map(revocationOf);
}

function revocationOf(signature: Signature): StandingRevocation {
  return { hard: isHard(signature), at: signature.created, text: revocationReason(signature).text };
}

function worst(revocations: readonly StandingRevocation[]): StandingRevocation | undefined {
  return revocations.toSorted((a, b) => Number(b.hard) - Number(a.hard) || a.at - b.at)[0];
}

/** What the user IDs say of the key: one that is in use is enough. */
interface Identity {
  readonly ends: number;
  readonly revocations: readonly StandingRevocation[];
}

function identityOf({ primary, userIds }: Certificate, at: number): Identity {
  const read = userIds.map((one) => readUserId(one, primary.key, at));
  const living = read.filter(({ ends, revocation }) => ends !== undefined && revocation === undefined);
  if (living.length > 0) {
    return { ends: Math.max(...living.map(({ ends = 0 }) => ends)), revocations: [] };
  }
  const revocations = read.flatMap(({ revocation }) => revocation ?? []);
  // The key went out of use with its last user ID; a hard reason holds whatever the others say.
  const last = revocations.toSorted((a, b) => Number(b.hard) - Number(a.hard) || b.at - a.at);
  return { ends: Infinity, revocations: last.slice(0, 1) };
}

interface ReadUserId {
  /** Infinity: never. Undefined: no certification by the owner counts. */
  readonly ends: number | undefined;
  readonly revocation: StandingRevocation | undefined;
}

/** A user ID that is certified again after its revocation is in use again. */
function readUserId({ signatures }: UserIdComponent, primary: PublicKey, at: number): ReadUserId {
  const own = signatures.filter((one) => mayBeIssuedBy(one, primary));
  const certification = newest(
    own.filter(({ type }) => types.CERTIFICATIONS.has(type)),
    at,
  );
  const revocations = own.filter(
    (one) =>
      one.type === types.CERTIFICATION_REVOCATION &&
      one.created <= at &&
      one.created >= (certification?.created ?? 0) &&
      !isOver(one, at),
  );
  return {
    ends: certification && (signatureExpiry(certification) ?? Infinity),
    revocation: worst(revocations.map(revocationOf)),
  };
}
