/*
 * What a certificate says of itself at a point in time, read from signatures that were verified when it was
 * stored. All times are seconds since 1970, UTC. Nothing here verifies, so it is cheap enough for look-ups.
 */
import type { Certificate, KeyComponent, UserIdComponent } from './certificate.ts';
import type { KeyAlgorithm } from './key-algorithm.ts';
import * as types from './signature.ts';
import {
  claimsPrimaryUserId,
  isOver,
  keyFlags,
  keyLifetime,
  mayBeIssuedBy,
  revocationReason,
  signatureExpiry,
} from './signature.ts';
import type { Signature } from './signature.ts';
import { emailOf, userIdText } from './user-id.ts';

export interface CertificateState {
  readonly version: 4 | 6;
  readonly fingerprint: string;
  readonly keyId: string;
  readonly algorithm: KeyAlgorithm;
  readonly created: number;
  /** Absent: never. */
  readonly expires?: number;
  readonly expired: boolean;
  readonly revoked: boolean;
  readonly revocation?: Revocation;
  /** The primary user ID first, then valid before revoked and expired, then newer before older. */
  readonly userIds: readonly UserIdState[];
  readonly subkeys: readonly SubkeyState[];
}

export interface Revocation {
  readonly at: number;
  /** Hard: the key must not be trusted for any time (RFC 9580 §5.2.3.31). */
  readonly hard: boolean;
  /** Reason code, 0 when none was given. */
  readonly code: number;
  /** The reason in words, UTF-8 as written by the key's owner: hostile text. */
  readonly text: string;
}

export interface UserIdState {
  /** The octets of the user ID packet. */
  readonly bytes: Uint8Array;
  /** Decoded as UTF-8, malformed octets as U+FFFD: hostile text. */
  readonly text: string;
  /** The one e-mail address in it, not folded; absent when there is none or more than one. */
  readonly email?: string;
  readonly primary: boolean;
  /** Creation time of the newest self-signature. */
  readonly created: number;
  readonly expires?: number;
  readonly expired: boolean;
  readonly revoked: boolean;
}

export interface SubkeyState {
  readonly version: number;
  readonly fingerprint: string;
  readonly keyId: string;
  readonly algorithm: KeyAlgorithm;
  readonly created: number;
  /** When the subkey or its binding ends, whichever is first. Absent: never. */
  readonly expires?: number;
  readonly expired: boolean;
  readonly revoked: boolean;
  /** Key flags of the newest binding (RFC 9580 §5.2.3.29), 0 when absent. */
  readonly flags: number;
}

export function certificateState(certificate: Certificate, at: number): CertificateState {
  const { key, signatures } = certificate.primary;
  const own = certificate.userIds.map((userId) => ({
    ...userId,
    signatures: userId.signatures.filter((one) => mayBeIssuedBy(one, key)),
  }));
  const userIds = own.map((userId) => readUserId(userId, at));
  markPrimary(userIds);
  const revocation = worstRevocation(signatures, at);
  const lifetime = primaryLifetime(signatures, userIds, key.version, at);
  return {
    version: key.version === 6 ? 6 : 4,
    fingerprint: key.fingerprint,
    keyId: key.keyId,
    algorithm: key.algorithm,
    created: key.created,
    ...expiry(key.created, lifetime, at),
    revoked: revocation !== undefined,
    ...(revocation && { revocation }),
    userIds: userIds.toSorted(byPrecedence).map(({ state }) => state),
    subkeys: certificate.subkeys.flatMap((subkey) => readSubkey(subkey, at)),
  };
}

/** A time of expiry if there is one; lifetime 0 means for ever (RFC 9580 §5.2.3.13). */
function expiry(
  created: number,
  lifetime: number | undefined,
  at: number,
): { expires?: number; expired: boolean } {
  if (lifetime === undefined || lifetime === 0) return { expired: false };
  return { expires: created + lifetime, expired: created + lifetime <= at };
}

/**
 * A signature from the future is kept but does not count yet. RFC 9580 §5.2.3.10: of several the most
 * recent one counts, whatever became of it since.
 */
export function newest(signatures: readonly Signature[], at: number): Signature | undefined {
  return signatures
    .filter(({ created }) => created <= at)
    .reduce<Signature | undefined>(
      (best, one) => (best && best.created >= one.created ? best : one),
      undefined,
    );
}

/** §5.2.3.31: no reason and reason 0 are hard like 2 (compromised); so is a code nobody knows. */
export function isHard(signature: Signature): boolean {
  const { code } = revocationReason(signature);
  return code !== 1 && code !== 3 && code !== 32;
}

/**
 * A hard revocation counts from the moment it is known, for all times; a soft one from its date on, unless
 * it has expired. A newer self-signature does not undo either.
 */
function worstRevocation(signatures: readonly Signature[], at: number): Revocation | undefined {
  const counting = signatures
    .filter(({ type }) => type === types.KEY_REVOCATION)
    .filter((one) => isHard(one) || (one.created <= at && !isOver(one, at)));
  const worst = counting.find(isHard) ?? counting[0];
  return worst && { at: worst.created, hard: isHard(worst), ...revocationReason(worst) };
}

interface ReadUserId {
  state: UserIdState;
  /** The newest certification by the owner, if any counts now. */
  readonly certification: Signature | undefined;
}

function readUserId({ packet, signatures }: UserIdComponent, at: number): ReadUserId {
  const certification = newest(
    signatures.filter(({ type }) => types.CERTIFICATIONS.has(type)),
    at,
  );
  const revocation = newest(
    signatures.filter((one) => one.type === types.CERTIFICATION_REVOCATION && !isOver(one, at)),
    at,
  );
  const text = userIdText(packet.body);
  const email = emailOf(text);
  const expires = certification && signatureExpiry(certification);
  return {
    certification,
    state: {
      bytes: packet.body,
      text,
      ...(email !== undefined && { email }),
      primary: false,
      created: certification?.created ?? signatures[0]?.created ?? 0,
      ...(expires !== undefined && { expires }),
      expired: expires !== undefined && expires <= at,
      // A user ID that is certified again after its revocation is in use again.
      revoked: revocation !== undefined && revocation.created >= (certification?.created ?? 0),
    },
  };
}

/** §5.2.3.27: of several that claim to be primary, the one with the newest self-signature. */
function markPrimary(userIds: ReadUserId[]): void {
  const usable = userIds.filter(
    ({ state, certification }) => certification && !state.revoked && !state.expired,
  );
  const claiming = usable.filter(({ certification }) => certification && claimsPrimaryUserId(certification));
  const [first] = (claiming.length > 0 ? claiming : usable).toSorted(
    (a, b) => b.state.created - a.state.created,
  );
  if (first !== undefined) first.state = { ...first.state, primary: true };
}

function byPrecedence(a: ReadUserId, b: ReadUserId): number {
  const rank = ({ state }: ReadUserId): number => {
    if (state.primary) return 0;
    return state.revoked ? 3 : state.expired ? 2 : 1;
  };
  return rank(a) - rank(b) || b.state.created - a.state.created;
}

/**
 * RFC 9580 §5.2.3.10: what a direct-key signature says holds for the whole key. Version 4 keys say it more
 * often in the self-signature of the primary user ID (§5.2.3.13).
 */
function primaryLifetime(
  signatures: readonly Signature[],
  userIds: readonly ReadUserId[],
  version: number,
  at: number,
): number | undefined {
  const direct = newest(
    signatures.filter(({ type }) => type === types.DIRECT_KEY),
    at,
  );
  const lifetime = direct && keyLifetime(direct);
  if (direct !== undefined && (lifetime !== undefined || version === 6)) return lifetime;
  const [first] = userIds.toSorted(byPrecedence);
  return first?.certification && keyLifetime(first.certification);
}

/** Nothing when no binding counts: a subkey that is only revoked is kept, but it is not a part of the key. */
function readSubkey({ key, signatures }: KeyComponent, at: number): SubkeyState[] {
  const binding = newest(
    signatures.filter(({ type }) => type === types.SUBKEY_BINDING),
    at,
  );
  if (binding === undefined) return [];
  const revoked = signatures.some(
    (one) => one.type === types.SUBKEY_REVOCATION && (isHard(one) || (one.created <= at && !isOver(one, at))),
  );
  const { expires: keyExpires = Infinity } = expiry(key.created, keyLifetime(binding), at);
  const expires = Math.min(keyExpires, signatureExpiry(binding) ?? Infinity);
  return [
    {
      version: key.version,
      fingerprint: key.fingerprint,
      keyId: key.keyId,
      algorithm: key.algorithm,
      created: key.created,
      ...(expires !== Infinity && { expires }),
      expired: expires <= at,
      revoked,
      flags: keyFlags(binding) ?? 0,
    },
  ];
}
