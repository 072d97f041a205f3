/* Why a signature is worth nothing, whoever's rule is asked. */
import type { Note } from './check-result.ts';
import type { SignatureFact } from './facts.ts';
import type { Moment } from './verdict.ts';
import { quoted, timeText } from './wording.ts';

export const RESIGN = 'have the image signed anew: vouch sign IMAGE';

/** A signature with a fault. `whose` is told after its number: `, which names alice's key,`. */
export function invalidNote({ id, fault, claimed }: SignatureFact, whose = ''): Note {
  const [first] = claimed;
  const about = first === undefined ? {} : { fingerprint: first };
  const detail = quoted(fault?.detail ?? 'it has a fault');
  if (fault?.reason === 'WEAK_HASH') {
    const fix = 'have the image signed anew with SHA-256 or stronger';
    return {
      code: 'SIG_WEAK_HASH',
      text: `signature ${id}${whose} uses a weak digest: ${detail}`,
      fix,
      ...about,
    };
  }
  const code = fault?.reason === 'SIGNATURE_FROM_FUTURE' ? 'SIG_FUTURE' : 'SIG_INVALID';
  return { code, text: `signature ${id}${whose} is not valid: ${detail}`, fix: RESIGN, ...about };
}

/**
 * What is wrong with the signature or its key for every purpose: a fault, a time ahead of the clock by more than
 * `clockSkew` seconds, no known maker, or one that may not sign. Undefined: nothing.
 */
export function troubleOf(
  signature: SignatureFact,
  { now, clockSuspect }: Moment,
  clockSkew: number,
  whose = '',
): Note | undefined {
  const { id, created, fault, maker, claimed } = signature;
  if (fault !== undefined) return invalidNote(signature, whose);
  const [first] = claimed;
  const fingerprint = maker?.fingerprint ?? first;
  const about = fingerprint === undefined ? {} : { fingerprint };
  if (created !== undefined && created > now + clockSkew) {
    return {
      code: 'SIG_FUTURE',
      text: `signature ${id}${whose} says that it was made on ${timeText(created)}, which is yet to come`,
      fix: clockSuspect ? 'set the clock of this host' : 'compare the clock of this host with the signer’s',
      ...about,
    };
  }
  if (maker === undefined) {
    return {
      code: 'SIGNER_UNKNOWN',
      text: `signature ${id}${whose} was made by no key that is known here`,
      fix: 'when the signer is to be trusted, name the key in the policy and get its certificate: vouch refresh',
      ...about,
    };
  }
  if (maker.cannotSign === undefined) return undefined;
  return {
    code: 'SIG_INVALID',
    text: `signature ${id}${whose} was made by a key that may not sign: ${quoted(maker.cannotSign)}`,
    fix: 'have the image signed anew with a key that may sign',
    ...about,
  };
}
