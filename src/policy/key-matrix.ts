/*
 * What a signature is worth once its key has expired or was revoked. The time of a signature is its signer's
 * claim, and whoever has the key can claim any; so it only helps when this host saw the image before the key
 * ended. That is called anchored.
 */
import type { Note } from './check-result.ts';
import type { KeyFact, KeyRevocation, SignatureFact } from './facts.ts';
import type { Level, Semantics } from './policy.ts';
import { KEEP } from './ruling.ts';
import type { Ruling } from './ruling.ts';
import type { KeyState, ReasonCode } from './verdict.ts';
import type { Vote } from './votes.ts';
import { quoted, timeText } from './wording.ts';

export interface Matrix {
  readonly semantics: Semantics;
  readonly level: Level;
  readonly firstSeen: number;
  readonly now: number;
}

type RevocationState = Extract<KeyState, `revoked-${string}` | 'signed-after-revocation'>;
type RevocationCode = Extract<ReasonCode, `KEY_REVOKED_${string}`>;
type ExpiryState = Extract<KeyState, `expired-${string}` | 'signed-after-expiry'>;

/** Undefined: not revoked. */
export function revocationState(
  { created }: SignatureFact,
  { revocation }: KeyFact,
  firstSeen: number,
): RevocationState | undefined {
  if (revocation === undefined) return undefined;
  // RFC 9580 §5.2.3.31: compromised, or no reason that says otherwise: no signature can be relied upon.
  if (revocation.hard) return 'revoked-hard';
  if (created === undefined || created >= revocation.at) return 'signed-after-revocation';
  return firstSeen < revocation.at ? 'revoked-soft-anchored' : 'revoked-soft-unanchored';
}

/** Undefined: not expired, and not made after the end. */
export function expiryState(
  { created }: SignatureFact,
  { expires }: KeyFact,
  { firstSeen, now }: Pick<Matrix, 'firstSeen' | 'now'>,
): ExpiryState | undefined {
  if (expires === undefined) return undefined;
  if (created !== undefined && created >= expires) return 'signed-after-expiry';
  if (now < expires) return undefined;
  if (created === undefined) return 'signed-after-expiry';
  return firstSeen < expires ? 'expired-anchored' : 'expired-unanchored';
}

export function judgeRevocation(vote: Vote, matrix: Matrix): Ruling {
  const { revocation } = vote.key;
  const state = revocationState(vote.signature, vote.key, matrix.firstSeen);
  if (revocation === undefined || state === undefined) return KEEP;
  const row = revocationRow(state, matrix);
  if (row === undefined) return KEEP;
  return { effect: row.effect, notes: [revocationNote(row.code, vote, revocation)] };
}

/** Undefined: it counts, and there is nothing to tell. */
function revocationRow(
  state: RevocationState,
  { semantics, level }: Matrix,
): { readonly code: RevocationCode; readonly effect: Ruling['effect'] } | undefined {
  if (state === 'revoked-hard') return { code: 'KEY_REVOKED_HARD', effect: 'strike' };
  if (state === 'signed-after-revocation' || semantics !== 'rfc9580') {
    return { code: 'KEY_REVOKED_SOFT', effect: 'strike' };
  }
  const permissive = level === 'permissive';
  if (state === 'revoked-soft-unanchored') {
    return { code: 'KEY_REVOKED_UNANCHORED', effect: permissive ? 'keep' : 'strike' };
  }
  return permissive ? undefined : { code: 'KEY_REVOKED_SOFT', effect: 'keep' };
}

export function judgeExpiry(vote: Vote, matrix: Matrix): Ruling {
  const { expires } = vote.key;
  const state = expiryState(vote.signature, vote.key, matrix);
  if (expires === undefined || state === undefined) return KEEP;
  const lenient = matrix.semantics === 'rfc9580';
  switch (state) {
    case 'signed-after-expiry':
      return { effect: 'strike', notes: [expiryNote('KEY_EXPIRED', vote, expires, 'made after that')] };
    case 'expired-anchored':
      if (lenient) return KEEP;
      return { effect: 'strike', notes: [expiryNote('KEY_EXPIRED', vote, expires)] };
    case 'expired-unanchored': {
      if (!lenient) return { effect: 'strike', notes: [expiryNote('KEY_EXPIRED', vote, expires)] };
      const why = 'older, as it says, but this host had not seen the image by then';
      const notes = [expiryNote('KEY_EXPIRED_UNANCHORED', vote, expires, why)];
      return { effect: matrix.level === 'permissive' ? 'keep' : 'strike', notes };
    }
  }
}

function revocationNote(code: RevocationCode, { signer, signature, key }: Vote, at: KeyRevocation): Note {
  const reason = at.text === '' ? '' : ` (${quoted(at.text)})`;
  const relation = relationToRevocation(code, signature);
  return {
    code,
    text: `${signer.name}’s key was revoked on ${timeText(at.at)}${reason}; ${relation}`,
    fix: `have the image signed anew with a good key of ${signer.name} or of another signer of the rule`,
    fingerprint: key.fingerprint,
    source: at.from === 'seen' ? 'SEEN' : at.from,
  };
}

function relationToRevocation(code: RevocationCode, { id, created }: SignatureFact): string {
  if (code === 'KEY_REVOKED_HARD') return 'no signature of it counts, of whatever date';
  const made =
    created === undefined ? 'says not when it was made' : `says that it was made on ${timeText(created)}`;
  const unseen = code === 'KEY_REVOKED_UNANCHORED' ? ', but this host had not seen the image by then' : '';
  return `signature ${id} ${made}${unseen}`;
}

function expiryNote(code: Note['code'], { signer, signature, key }: Vote, expires: number, why = ''): Note {
  const relation = why === '' ? '' : `; signature ${signature.id} is ${why}`;
  return {
    code,
    text: `${signer.name}’s key expired on ${timeText(expires)}${relation}`,
    fix: `have ${signer.name} extend the key and push it to the keystore, or have the image signed anew`,
    fingerprint: key.fingerprint,
  };
}
