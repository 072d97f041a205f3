import { BINDINGS } from '../policy.ts';
import type { Policy, PolicySigner, Rule } from '../policy.ts';
import type { EclFlavour, EclMode } from './ecl.ts';

/** What ECL may say in the place of a rule: it admits no image that the rule refuses. */
export interface Expression {
  readonly mode: EclMode;
  /** Upper-case fingerprints, sorted. A whitelist without keys refuses every image. */
  readonly keys: readonly string[];
}

/** Refuses every image. */
export const NOTHING: Expression = { mode: 'whitelist', keys: [] };

export function isNothing({ mode, keys }: Expression): boolean {
  return mode === 'whitelist' && keys.length === 0;
}

/** Why a rule or a signer of a policy has no words in ECL. */
export type Lose = (why: string) => void;

/**
 * An enforced rule in the words of ECL; `NOTHING` when ECL would admit more than the rule. What is lost is told
 * to `lose`.
 */
export function expressRule(rule: Rule, policy: Policy, flavour: EclFlavour, lose: Lose): Expression {
  const obstacles = [...obstaclesOf(rule, flavour)];
  if (obstacles.length > 0) {
    for (const obstacle of obstacles) lose(`${obstacle}; no image may run there`);
    return NOTHING;
  }
  const denied = new Set([
    ...rule.deniedFingerprints,
    ...policy.denials.flatMap(({ fingerprint }) => fingerprint ?? []),
  ]);
  const keysOf = (name: string): readonly string[] => {
    const signer = policy.signers.get(name);
    return signer === undefined ? [] : expressibleKeys(signer, denied, lose);
  };
  const expression = expressRequirement(rule, keysOf);
  if (expression === undefined) {
    const { threshold, members, must } = rule.requirement;
    const also = must.length === 0 ? '' : `, ${must.join(', ')} among them`;
    lose(
      `${threshold} of ${members.length} signers${also}: ECL knows "one of these keys" and "each of these keys" only; ` +
        'no image may run there',
    );
    return NOTHING;
  }
  if (isNothing(expression)) lose('no signer is left that ECL can ask for; no image may run there');
  return expression;
}

function* obstaclesOf(rule: Rule, flavour: EclFlavour): Generator<string> {
  const { minBinding, objects, extraSignatures, deniedFingerprints } = rule;
  if (BINDINGS.indexOf(minBinding) > BINDINGS.indexOf('fd')) {
    yield `min_binding "${minBinding}": ECL does not ask where an image lies`;
  }
  if (objects.kind === 'groups' || objects.kind === 'types') {
    yield 'certain objects: ECL admits an image that has none of them';
  }
  if (flavour === 'apptainer' && extraSignatures === 'refuse') {
    yield 'extra_signatures "refuse": Apptainer passes over signatures that do not verify';
  }
  if (flavour === 'apptainer' && deniedFingerprints.length > 0) {
    yield 'denied keys: Apptainer passes over signatures that it cannot verify';
  }
}

/** Undefined: neither "one of" nor "each of". */
function expressRequirement(
  { requirement: { members, threshold, must } }: Rule,
  keysOf: (name: string) => readonly string[],
): Expression | undefined {
  if (members.length === 0) return NOTHING;
  const everyone = must.length >= threshold ? must : members;
  if (everyone.length <= threshold || must.length >= threshold) {
    const keys = everyone.map(keysOf);
    if (everyone.length === 1 && keys[0] !== undefined) return whitelist(keys[0]);
    // Each key of a signer with several would be asked for: more than the rule wants, and nobody does it.
    return keys.every((one) => one.length === 1)
      ? { mode: 'whitestrict', keys: [...new Set(keys.flat())].toSorted() }
      : undefined;
  }
  return threshold === 1 ? whitelist(members.flatMap(keysOf)) : undefined;
}

function whitelist(keys: readonly string[]): Expression {
  return { mode: 'whitelist', keys: [...new Set(keys)].toSorted() };
}

/** A signer's keys that ECL can ask for without counting signatures that the policy does not count. */
function expressibleKeys(signer: PolicySigner, denied: ReadonlySet<string>, lose: Lose): readonly string[] {
  const { name, validFrom, validUntil, signedAfter, signedBefore } = signer;
  const without = (why: string): readonly string[] => {
    lose(`signer ${name} is left out: ${why}`);
    return [];
  };
  if ([validFrom, validUntil, signedAfter, signedBefore].some((time) => time !== undefined)) {
    return without('ECL has no windows of time');
  }
  if (signer.requirePresent) return without('ECL does not ask whether a keystore still has a key');
  if (!signer.origins.includes('local')) return without('ECL takes keys from a file, not from a keystore');
  const allowed = signer.keys.filter((key) => !denied.has(key));
  if (allowed.length < signer.keys.length) lose(`signer ${name}: a denied key is left out`);
  const short = allowed.filter((key) => key.length === 40);
  if (short.length < allowed.length) {
    lose(`signer ${name}: a key with a fingerprint of 64 digits is left out, ECL takes 40`);
  }
  return short;
}
