/* Verdicts of images to the answer on the wire. */
import type { ImageFacts } from '../policy/facts.ts';
import type { Fallback, Policy } from '../policy/policy.ts';
import type { ImageVerdict, Reason, Verdict } from '../policy/verdict.ts';
import type { CallerAnswer, Decision, ImageDecision } from './decision.ts';
import type { ImageLook } from './image/image-reader.ts';
import type { KeyBook } from './keys/key-book.ts';
import { pathFields } from './path-fields.ts';
import type { Caller } from './request.ts';

/** An image's answer and the mode of its rule, which only the whole answer tells. */
export interface DecidedImage {
  readonly image: ImageDecision;
  readonly mode: ImageVerdict['mode'];
}

export function imageDecision(look: ImageLook, facts: ImageFacts, verdict: ImageVerdict): DecidedImage {
  const { rule, checks, threshold, waived, mode } = verdict;
  const sha256 = look.content.kind === 'content' ? look.content.evidence.sha256 : undefined;
  const image: ImageDecision = {
    ...pathFields(facts.path),
    ...(rule !== undefined && { rule }),
    verdict: verdict.verdict,
    effective: verdict.effective,
    ...(sha256 !== undefined && { sha256 }),
    binding: facts.binding,
    ...(look.verifiedAt !== undefined && { bytes_verified_at: new Date(look.verifiedAt).toISOString() }),
    cached: look.cached,
    reasons: verdict.reasons,
    ...(checks && { checks }),
    signers: verdict.signers,
    ...(threshold && { threshold }),
    ...(waived && { waived: true }),
  };
  return { image, mode };
}

export interface AnswerContext {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly policy: Policy | undefined;
  readonly keys: KeyBook;
  readonly caller: Caller;
  readonly context: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly took: number;
}

/** All images have to pass; the answer is that of the image that stands most in the way. */
export function answerOf(decided: readonly DecidedImage[], about: AnswerContext): Decision {
  const [first, ...others] = decided;
  if (first === undefined) throw new TypeError('an answer about no image');
  const worst = others.reduce((most, one) => (weight(one.image) > weight(most.image) ? one : most), first);
  const { verdict, effective, reasons } = worst.image;
  const age = keysAge(about);
  return {
    api: 1,
    decision_id: about.id,
    time: new Date(about.time).toISOString(),
    verdict,
    effective,
    mode: worst.mode,
    ...(worst.mode === 'audit' && { would: verdict }),
    reasons,
    images: decided.map(({ image }) => image),
    ...(about.policy && { policy: { sha256: about.policy.sha256, serial: about.policy.serial } }),
    keys_epoch: about.keys.epoch,
    ...(age !== undefined && { keys_age_s: age }),
    caller: callerAnswer(about.caller),
    ...(Object.keys(about.context).length > 0 && { context: about.context }),
    took_us: Math.round(about.took * 1000),
  };
}

const VERDICTS: Readonly<Record<Verdict, number>> = { admit: 0, undetermined: 1, refuse: 2 };

/** What refuses in effect weighs more than what only would refuse. */
function weight({ verdict, effective }: ImageDecision): number {
  return (effective === 'refuse' ? 3 : 0) + VERDICTS[verdict];
}

/** Of the keys of the policy that come from a keystore, the age of the answer that is oldest. */
function keysAge({ policy, keys, time }: AnswerContext): number | undefined {
  let oldest = Infinity;
  for (const signer of policy?.signers.values() ?? []) {
    if (!signer.origins.includes('keystore')) continue;
    for (const fingerprint of signer.keys) {
      oldest = Math.min(oldest, lastAnswerAbout(fingerprint, keys));
    }
  }
  return oldest === Infinity ? undefined : Math.max(0, Math.floor(time / 1000) - oldest);
}

/** Seconds since 1970; infinite when no keystore is asked, or none ever answered. */
function lastAnswerAbout(fingerprint: string, keys: KeyBook): number {
  const standing = keys.entry(fingerprint)?.standing;
  return standing?.asked === true ? (standing.lastAnswer ?? Infinity) : Infinity;
}

function callerAnswer(caller: Caller): CallerAnswer {
  if (caller.kind === 'user') return { uid: caller.uid, attested: 'socket' };
  return { attested: caller.kind === 'admin' ? 'admin' : 'unverified' };
}

/** An answer that could not be logged: by the policy it is none, or it is given with a warning. */
export function unlogged(decision: Decision, error: unknown, fallback: Fallback): Decision {
  const why = error instanceof Error ? error.message : String(error);
  const reason = (action: Reason['action']): Reason => ({
    code: 'LOG_UNAVAILABLE',
    action,
    text: `the decision cannot be logged: ${why}`,
    fix: 'make room for the decision log, or set on_log_failure = "admit" in the policy',
  });
  if (fallback === 'admit' || decision.effective === 'refuse') {
    return { ...decision, reasons: [...decision.reasons, reason('warn')] };
  }
  return {
    ...decision,
    verdict: 'undetermined',
    effective: 'refuse',
    mode: 'enforce',
    reasons: [reason('enforce'), ...decision.reasons],
  };
}
