/* What one check comes to, before the verdict is made of all. */
import type { Action, Check } from './policy.ts';
import type { CheckOutcome, Reason } from './verdict.ts';

/** A reason before it is known whether it decides. */
export type Note = Omit<Reason, 'check' | 'action'>;

export interface CheckResult {
  readonly check: Check;
  /** What an outcome other than `pass` does to the verdict. */
  readonly action: Action;
  readonly outcome: CheckOutcome;
  readonly reasons: readonly Reason[];
}

/** A check whose notes are the cause of its outcome; they are told as the action says. */
export function resultOf(
  check: Check,
  action: Action,
  outcome: 'pass' | 'fail' | 'undetermined',
  notes: readonly Note[],
): CheckResult {
  if (action === 'skip') return skipped(check);
  return { check, action, outcome, reasons: reasonsOf(check, action, notes) };
}

export function skipped(check: Check): CheckResult {
  return { check, action: 'skip', outcome: 'skip', reasons: [] };
}

export function reasonsOf(check: Check, action: Reason['action'], notes: readonly Note[]): readonly Reason[] {
  return notes.map(({ code, ...rest }) => ({ code, check, action, ...rest }));
}
