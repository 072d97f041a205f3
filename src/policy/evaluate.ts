import type { ImageFacts } from './facts.ts';
import type { Binding, Policy } from './policy.ts';
import type { ImageVerdict, Moment } from './verdict.ts';

/** What the caller demands of the answer, beside the policy. */
export interface Demand {
  readonly minBinding?: Binding;
}

/**
 * What the policy says of one image, with every reason. Pure: the same arguments give the same verdict.
 * Undefined: no policy is loaded.
 */
export function evaluate(
  policy: Policy | undefined,
  image: ImageFacts,
  moment: Moment,
  ask: Demand = {},
): ImageVerdict {
  void [policy, image, moment, ask];
  return {
    mode: 'enforce',
    verdict: 'undetermined',
    effective: 'refuse',
    waived: false,
    reasons: [{ code: 'POLICY_NOT_LOADED', action: 'enforce', text: 'no policy is applied yet' }],
    signers: [],
  };
}
