import type { Policy, PolicySigner, Rule } from './policy.ts';

/** What is looked up in a policy with every request, in the order that it is wanted in. */
export interface PolicyIndex {
  readonly scopes: readonly RuleScope[];
  /** By fingerprints of primary keys. A key is of one signer only: parsing sees to that. */
  readonly signerByKey: ReadonlyMap<string, PolicySigner>;
}

export interface RuleScope {
  readonly rule: Rule;
  /** Octets of the folder without a final slash; undefined: of no folder. */
  readonly folder?: Buffer;
}

/** Policies never change, so what is made of one holds as long as it is there. */
const made = new WeakMap<Policy, PolicyIndex>();

export function indexOf(policy: Policy): PolicyIndex {
  const known = made.get(policy);
  if (known !== undefined) return known;
  const signers = [...policy.signers.values()];
  const index: PolicyIndex = {
    scopes: policy.rules.map((rule) =>
      rule.scope === undefined
        ? { rule }
        : { rule, folder: Buffer.from(rule.scope === '/' ? '' : rule.scope) },
    ),
    signerByKey: new Map(signers.flatMap((signer) => signer.keys.map((key) => [key, signer] as const))),
  };
  made.set(policy, index);
  return index;
}
