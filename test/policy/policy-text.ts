import { PolicyError } from '../../src/policy/error.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import type { Policy } from '../../src/policy/policy.ts';

/** Fingerprints of nobody. */
export const ALICE = 'A'.repeat(40);
export const BOB = 'B'.repeat(40);
export const CAROL = 'C'.repeat(64);

/** Three signers that tests write rules about. */
export const SIGNERS = `
[[signer]]
name = "alice"
keys = ["${ALICE}"]
[[signer]]
name = "bob"
keys = ["${BOB}"]
[[signer]]
name = "carol"
keys = ["${CAROL}"]
`;

/** A policy of one file, or of several: policy.toml, 1.toml, 2.toml … */
export function policyOf(...texts: readonly (string | Uint8Array)[]): Policy {
  return parsePolicy(
    texts.map((text, index) => ({
      name: index === 0 ? 'policy.toml' : `${index}.toml`,
      octets: typeof text === 'string' ? Buffer.from(text) : text,
    })),
  );
}

/** The error of a policy that cannot be loaded. */
export function faultOf(...texts: readonly (string | Uint8Array)[]): PolicyError {
  try {
    policyOf(...texts);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A policy with three signers and one rule, whose lines are `rule`. */
export function ruleOf(rule: string, head = ''): Policy {
  return policyOf(withRule(rule, head));
}

export function withRule(rule: string, head = ''): string {
  return `version = 1\n${head}\n${SIGNERS}\n[[rule]]\nname = "r"\n${rule}\n`;
}
