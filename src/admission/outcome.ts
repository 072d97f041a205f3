/* What an answer comes to for whoever asked: the exit code follows from it. */
import { REASON_CLASS } from '../policy/verdict.ts';
import type { ReasonClass } from '../policy/verdict.ts';
import type { Decision, ImageDecision } from './decision.ts';

/** `exception`: admitted by audit mode, a waiver or a fallback, not by what the rule demands. */
export type Outcome = 'admitted' | 'exception' | ReasonClass;

/** From the best to the worst: an answer that cannot be told is worse than a no. */
const ORDER: readonly Outcome[] = ['admitted', 'exception', 'key', 'evidence', 'policy', 'undetermined'];

/** Of several images the worst. */
export function outcomeOf(decision: Decision): Outcome {
  const worst = decision.images
    .map(imageOutcome)
    .reduce((most, one) => (ORDER.indexOf(one) > ORDER.indexOf(most) ? one : most), 'admitted');
  // Something other than an image may refuse: the log, a policy that is not there.
  const refusedAsWhole = decision.effective === 'refuse' && (worst === 'admitted' || worst === 'exception');
  return refusedAsWhole ? classOf(decision) : worst;
}

export function imageOutcome(image: ImageDecision): Outcome {
  if (image.effective === 'refuse') return classOf(image);
  return image.verdict === 'admit' && image.waived !== true ? 'admitted' : 'exception';
}

/** By the first reason that is enforced: reasons are in the order in which the checks decide. */
function classOf({ verdict, reasons }: Pick<Decision, 'verdict' | 'reasons'>): ReasonClass {
  const first = reasons.find(({ action }) => action === 'enforce');
  if (first !== undefined) return REASON_CLASS[first.code];
  return verdict === 'undetermined' ? 'undetermined' : 'policy';
}
