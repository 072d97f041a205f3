/* What is doubtful in rules, by themselves and for the folders of this host. */
import type { Finding, FolderFacts } from './finding.ts';
import { laxer } from './laxer.ts';
import { BINDINGS } from './policy.ts';
import type { Policy, PolicySigner, Rule } from './policy.ts';

export function lintRules(
  policy: Policy,
  look: (path: string) => FolderFacts | undefined,
  now: number,
): Finding[] {
  const { rules } = policy;
  if (rules.length === 0) {
    const text = `there is no rule, so every image is ${policy.onNoMatch === 'admit' ? 'admitted' : 'refused'}`;
    return [{ severity: 'warning', code: 'NO_RULES', subject: 'policy', text, fix: 'write a [[rule]]' }];
  }
  return rules.flatMap((rule) => {
    const folder = rule.scope === undefined ? undefined : look(rule.scope);
    const found = [
      lintFolder(rule, folder),
      lintBinding(rule, folder),
      lintParent(rule, parentOf(rule, rules), folder),
      lintReach(rule, rules),
      lintMet(rule, policy, now),
    ];
    return found.filter((finding) => finding !== undefined);
  });
}

function about(rule: Rule, finding: Omit<Finding, 'subject'>): Finding {
  return { ...finding, subject: `rule ${JSON.stringify(rule.name)}` };
}

function lintFolder(rule: Rule, folder: FolderFacts | undefined): Finding | undefined {
  if (folder?.exists !== false) return undefined;
  return about(rule, {
    severity: 'warning',
    code: 'SCOPE_MISSING',
    text: `the folder ${JSON.stringify(rule.scope)} does not exist on this host`,
    fix: 'check its spelling; it is compared with real paths, so it must not lead over symbolic links',
  });
}

function lintBinding(rule: Rule, folder: FolderFacts | undefined): Finding | undefined {
  const strongest = folder?.strongest;
  if (strongest === undefined || rule.mode === 'off' || rule.actions.binding === 'skip') return undefined;
  if (BINDINGS.indexOf(strongest) >= BINDINGS.indexOf(rule.minBinding)) return undefined;
  return about(rule, {
    severity: 'warning',
    code: 'BINDING_OUT_OF_REACH',
    text: `files in ${JSON.stringify(rule.scope)} have binding "${strongest}" at best, and min_binding is "${rule.minBinding}"`,
    fix: `promote images into a store and run them from there, or write min_binding = "${strongest}"`,
  });
}

/** The rule that would be for the folder if `rule` were not there. */
function parentOf(rule: Rule, rules: readonly Rule[]): Rule | undefined {
  const { scope } = rule;
  if (scope === undefined) return undefined;
  const above = rules.filter(
    (other) => other.scope !== undefined && other.recursive && isWithin(scope, other.scope),
  );
  const [nearest] = above.toSorted((one, other) => (other.scope ?? '').length - (one.scope ?? '').length);
  return nearest ?? rules.find((other) => other.scope === undefined);
}

/** Deeper than the folder, not the folder itself. */
function isWithin(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

function lintParent(
  rule: Rule,
  parent: Rule | undefined,
  folder: FolderFacts | undefined,
): Finding | undefined {
  if (parent === undefined || rule.iKnow === true || folder?.rootOnly === true) return undefined;
  const differences = laxer(rule, parent);
  if (differences.length === 0) return undefined;
  const known = folder?.exists === true;
  const who = known ? 'others than root can put images there' : 'who can put images there is not known';
  return about(rule, {
    severity: known ? 'error' : 'warning',
    code: 'LAXER_THAN_PARENT',
    text: `asks less than rule ${JSON.stringify(parent.name)}, and ${who}: ${differences.join('; ')}`,
    fix: 'let only root write the folder and those above it, ask as much, or write i_know = true in this rule',
  });
}

function lintReach(rule: Rule, rules: readonly Rule[]): Finding | undefined {
  const all = rules.find((other) => other.scope === '/' && other.recursive);
  if (rule.scope !== undefined || all === undefined) return undefined;
  return about(rule, {
    severity: 'warning',
    code: 'RULE_UNREACHABLE',
    text: `has no scope, and rule ${JSON.stringify(all.name)} is for "/" already`,
    fix: 'remove one of the two',
  });
}

function lintMet(rule: Rule, policy: Policy, now: number): Finding | undefined {
  const { members, threshold, must } = rule.requirement;
  if (rule.mode === 'off') return undefined;
  const able = members.filter((name) => canCount(policy.signers.get(name), rule, policy, now));
  const missing = must.filter((name) => !able.includes(name));
  if (able.length >= threshold && missing.length === 0) return undefined;
  const lack =
    missing.length > 0
      ? `${missing.join(', ')} cannot count any more`
      : `${able.length} of ${members.length} signers can count, and threshold is ${threshold}`;
  return about(rule, {
    severity: 'warning',
    code: 'RULE_UNMEETABLE',
    text: `no image can meet it: ${lack}`,
    fix: 'add signers, or give those that ended or are denied new keys and dates',
  });
}

/** Whether the signer's time is not over and one of its keys is not denied. */
export function canCount(signer: PolicySigner | undefined, rule: Rule, policy: Policy, now: number): boolean {
  if (signer === undefined || (signer.validUntil ?? Infinity) <= now) return false;
  return signer.keys.some((key) => !rule.deniedFingerprints.includes(key) && !isDenied(key, policy));
}

/** Denied without a date from which on. */
export function isDenied(key: string, { denials }: Policy): boolean {
  return denials.some(({ fingerprint, since }) => fingerprint === key && since === undefined);
}
