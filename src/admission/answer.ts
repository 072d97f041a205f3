/* Verdicts of images to the answer on the wire. */
import type { Draft } from '../policy/draft.ts';
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
  const { path, path_b64: octets } = pathFields(facts.path);
  const image: Draft<ImageDecision> = {
    path,
    verdict: verdict.verdict,
    effective: verdict.effective,
    binding: facts.binding,
    cached: look.cached,
    reasons: verdict.reasons,
    signers: verdict.signers,
  };
  if (octets !== undefined) image.path_b64 = octets;
  if (rule !== undefined) image.rule = rule;
  if (look.content.kind === 'content') image.sha256 = look.content.evidence.sha256;
  if (look.verifiedAt !== undefined) image.bytes_verified_at = new Date(look.verifiedAt).toISOString();
  if (checks !== undefined) image.checks = checks;
  if (threshold !== undefined) image.threshold = threshold;
  if (waived) image.waived = true;
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

/** All images have to pass; the answer is that of the image that stands most in the way. It is not logged yet. */
export function answerOf(decided: readonly DecidedImage[], about: AnswerContext): Draft<Decision> {
  const [first, ...others] = decided;
  if (first === undefined) throw new TypeError('an answer about no image');
  const worst = others.reduce((most, one) => (weight(one.image) > weight(most.image) ? one : most), first);
  const { verdict, effective, reasons } = worst.image;
  const { policy, context } = about;
  const answer: Draft<Decision> = {
    api: 1,
    decision_id: about.id,
    time: new Date(about.time).toISOString(),
    verdict,
    effective,
    mode: worst.mode,
    reasons,
    images: decided.map(({ image }) => image),
    keys_epoch: about.keys.epoch,
    caller: callerAnswer(about.caller),
    took_us: Math.round(about.took * 1000),
  };
  if (worst.mode === 'audit') answer.would = verdict;
  if (policy !== undefined) answer.policy = { sha256: policy.sha256, serial: policy.serial };
  const age = keysAge(about);
  if (age !== undefined) answer.keys_age_s = age;
  if (Object.keys(context).length > 0) answer.context = context;
  return answer;
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
