/* Rules, with every default and every name resolved. */
import { nearest } from '../nearest.ts';
import { CORE_CHECKS, DEFAULT_MANNER, LEVEL_ACTIONS } from './defaults.ts';
import type { Manner } from './defaults.ts';
import { lineOf, within } from './fault.ts';
import type { Faults, Place } from './fault.ts';
import type { Said } from './gather.ts';
import type { GivenManner, GivenRequirement, GivenRule } from './given.ts';
import { CHECKS } from './policy.ts';
import type { Action, Check, Requirement, Rule } from './policy.ts';
import type { Parties } from './resolve-signers.ts';
import { checkNames } from './resolve-signers.ts';

/** Adds what contradicts itself to `faults`. */
export function resolveRules(
  said: readonly Said<GivenRule>[],
  defaults: GivenManner,
  parties: Parties,
  faults: Faults,
): Rule[] {
  checkNames(said, 'rules', faults);
  checkScopes(said, faults);
  const manner = mannerOf(defaults, DEFAULT_MANNER);
  return said.map((rule) => resolveRule(rule, manner, parties, faults));
}

function mannerOf(given: GivenManner, otherwise: Manner): Manner {
  return {
    mode: given.mode ?? otherwise.mode,
    level: given.level ?? otherwise.level,
    semantics: given.semantics ?? otherwise.semantics,
    min_binding: given.min_binding ?? otherwise.min_binding,
    on_undetermined: given.on_undetermined ?? otherwise.on_undetermined,
    max_staleness: given.max_staleness ?? otherwise.max_staleness,
  };
}

function checkScopes(said: readonly Said<GivenRule>[], faults: Faults): void {
  const places = new Map<string | undefined, Place>();
  for (const { given, place } of said) {
    const before = places.get(given.scope);
    if (before === undefined) places.set(given.scope, place);
    else {
      const text =
        given.scope === undefined
          ? `the rule at ${lineOf(before)} has no scope either; one rule may be for all other folders`
          : `${JSON.stringify(given.scope)} has a rule at ${lineOf(before)}; a folder has one rule`;
      faults.add('INCONSISTENT', given.scope === undefined ? place : within(place, 'scope'), text);
    }
    if (given.scope === undefined && given.recursive !== undefined) {
      const text = 'means nothing without a scope; leave it out, or write the scope';
      faults.add('INCONSISTENT', within(place, 'recursive'), text);
    }
  }
}

function resolveRule(
  { given, place }: Said<GivenRule>,
  defaults: Manner,
  parties: Parties,
  faults: Faults,
): Rule {
  const manner = mannerOf(given, defaults);
  if (manner.mode === 'enforce') checkEnforcing(given, manner, place, faults);
  return {
    name: given.name,
    ...(given.scope === undefined ? {} : { scope: given.scope }),
    recursive: given.recursive ?? true,
    mode: manner.mode,
    semantics: manner.semantics,
    requirement: resolveRequirement(given, manner, place, parties, faults),
    objects: given.objects,
    extraSignatures: given.extra_signatures,
    minBinding: manner.min_binding,
    actions: actionsOf(given.checks, manner),
    level: manner.level,
    onUndetermined: manner.on_undetermined,
    maxStaleness: manner.max_staleness,
    deniedFingerprints: [...new Set(given.deny)],
    ...(given.i_know ? { iKnow: true } : {}),
  };
}

function actionsOf(checks: GivenRule['checks'], { level }: Manner): Record<Check, Action> {
  const actions = { ...LEVEL_ACTIONS[level] };
  for (const check of CHECKS) actions[check] = checks[check] ?? actions[check];
  return actions;
}

/** Who wants to see what a policy would do has audit mode; a rule that enforces does not look as if. */
function checkEnforcing(given: GivenRule, { level }: Manner, place: Place, faults: Faults): void {
  if (level === 'audit-only') {
    const text = 'is "audit-only", which enforces nothing of signers; write mode = "audit" in this rule too';
    faults.add('INCONSISTENT', given.level === undefined ? place : within(place, 'level'), `level ${text}`);
  }
  for (const check of CORE_CHECKS) {
    if ((given.checks[check] ?? 'enforce') === 'enforce') continue;
    const text = 'must be "enforce" in a rule that enforces; to only watch, write mode = "audit"';
    faults.add('INCONSISTENT', within(place, 'checks', check), text);
  }
}

function resolveRequirement(
  { require }: GivenRule,
  { mode }: Manner,
  place: Place,
  parties: Parties,
  faults: Faults,
): Requirement {
  if (require === undefined) {
    if (mode !== 'off') {
      const text = 'is missing: say who has to have signed, such as { signers = ["alice"], threshold = 1 }';
      faults.add('BAD_VALUE', within(place, 'require'), text);
    }
    return { members: [], threshold: 1, must: [] };
  }
  const at = within(place, 'require');
  const members = membersOf(require, at, parties, faults);
  if (members !== undefined) checkCounts(require, members, at, parties, faults);
  return {
    ...(require.set === undefined ? {} : { set: require.set }),
    members: members ?? [],
    threshold: require.threshold,
    must: [...new Set(require.must)],
  };
}

/** Undefined: what is wrong was said, or is said elsewhere. */
function membersOf(
  { set, signers }: GivenRequirement,
  at: Place,
  parties: Parties,
  faults: Faults,
): readonly string[] | undefined {
  if ((set === undefined) === (signers === undefined)) {
    faults.add('INCONSISTENT', at, 'must have either set or signers, and not both');
    return undefined;
  }
  if (set !== undefined) {
    const members = parties.members(set);
    if (members === undefined && !parties.isFaulty(set)) {
      faults.add(
        'INCONSISTENT',
        within(at, 'set'),
        `there is no set or signer "${set}"${hint(set, parties)}`,
      );
    }
    return members;
  }
  const names = signers ?? [];
  let known = true;
  for (const [index, name] of names.entries()) {
    if (parties.signers.has(name)) continue;
    known = false;
    if (parties.isFaulty(name)) continue;
    const isSet = parties.members(name) !== undefined;
    const text = isSet
      ? `"${name}" is a set; write set = "${name}", or a set that contains it`
      : `there is no signer "${name}"${hint(name, parties)}`;
    faults.add('INCONSISTENT', within(at, 'signers', index), text);
  }
  return known ? [...new Set(names)] : undefined;
}

function hint(name: string, parties: Parties): string {
  const meant = nearest(name, parties.known());
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

function checkCounts(
  { threshold, must }: GivenRequirement,
  members: readonly string[],
  at: Place,
  parties: Parties,
  faults: Faults,
): void {
  // Nobody at all is a way to say that nothing may run.
  if (threshold > Math.max(members.length, 1)) {
    const text = `is ${threshold} of ${members.length} signers; it can be ${members.length} at most`;
    faults.add('INCONSISTENT', within(at, 'threshold'), text);
  }
  for (const [index, name] of must.entries()) {
    if (members.includes(name) || parties.isFaulty(name)) continue;
    const text = `"${name}" is not one of the signers who count here: ${members.slice(0, 9).join(', ') || 'nobody'}`;
    faults.add('INCONSISTENT', within(at, 'must', index), text);
  }
}
