import type { Policy } from '../policy/policy.ts';

/** The keys that a policy names, each once: the ones that are asked for at keystores. */
export function policyFingerprints(policy: Policy): readonly string[] {
  return [...new Set([...policy.signers.values()].flatMap(({ keys }) => keys))];
}
