import type { Decision } from '../../admission/decision.ts';
import { outcomeOf } from '../../admission/outcome.ts';
import type { Outcome } from '../../admission/outcome.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';

const CODES: Readonly<Record<Outcome, ExitCode>> = {
  admitted: EXIT.done,
  exception: EXIT.done,
  policy: EXIT.refusedByPolicy,
  evidence: EXIT.evidenceBad,
  key: EXIT.keyState,
  undetermined: EXIT.undetermined,
};

/** 0 means run it. `strict`: what only an exception admits is not admitted. */
export function exitCodeOfDecision(decision: Decision, strict: boolean): ExitCode {
  const outcome = outcomeOf(decision);
  return strict && outcome === 'exception' ? EXIT.admittedByException : CODES[outcome];
}
