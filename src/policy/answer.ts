/* From what was found to what the caller is told. */
import type { Note } from './check-result.ts';
import type { Draft } from './draft.ts';
import type { ImageFacts } from './facts.ts';
import type { Policy, Rule } from './policy.ts';
import type { ImageVerdict, Moment, Reason, Verdict } from './verdict.ts';

/** Everything that one evaluation goes by. */
export interface Question {
  readonly policy: Policy;
  readonly image: ImageFacts;
  readonly moment: Moment;
  /** What the caller demands and does not get. No mode and no waiver of the policy helps against it. */
  readonly unmet: readonly Note[];
}

export interface Finding extends Pick<ImageVerdict, 'checks' | 'threshold'> {
  readonly rule?: Rule;
  readonly verdict: Verdict;
  readonly waived?: boolean;
  readonly reasons: readonly Reason[];
  readonly signers?: ImageVerdict['signers'];
}

export function answer(
  { unmet }: Question,
  { rule, verdict: found, waived = false, reasons, signers = [], checks, threshold }: Finding,
): ImageVerdict {
  const verdict = unmet.length > 0 ? 'refuse' : found;
  const made: Draft<ImageVerdict> = {
    mode: rule?.mode ?? 'enforce',
    verdict,
    effective: unmet.length > 0 ? 'refuse' : effectOf(rule, verdict),
    waived,
    reasons: ordered(unmet.length === 0 ? reasons : [...reasons, ...unmet.map(enforced)]),
    signers,
  };
  if (rule !== undefined) made.rule = rule.name;
  if (checks !== undefined) made.checks = checks;
  if (threshold !== undefined) made.threshold = threshold;
  return made;
}

export function enforced(note: Note): Reason {
  return { ...note, action: 'enforce' };
}

export function warning(note: Note | Reason): Reason {
  return { ...note, action: 'warn' };
}

function effectOf(rule: Rule | undefined, verdict: Verdict): ImageVerdict['effective'] {
  if (rule !== undefined && rule.mode !== 'enforce') return 'admit';
  return verdict === 'undetermined' ? (rule?.onUndetermined ?? 'refuse') : verdict;
}

/** What decides first; nothing twice. */
function ordered(reasons: readonly Reason[]): readonly Reason[] {
  if (reasons.length === 0) return reasons;
  const told = new Map<string, Reason>();
  for (const action of ['enforce', 'warn'] as const) {
    for (const reason of reasons) {
      const key = `${reason.code} ${reason.fingerprint ?? ''} ${reason.text}`;
      if (reason.action === action && !told.has(key)) told.set(key, reason);
    }
  }
  return [...told.values()];
}
