/* Whether a rule asks less than another: a closed list of comparisons, each in words. */
import { BINDINGS, CHECKS } from './policy.ts';
import type { Action, Mode, ObjectSelection, Rule } from './policy.ts';

const MODES: readonly Mode[] = ['off', 'audit', 'enforce'];
const ACTIONS: readonly Action[] = ['skip', 'warn', 'enforce'];

/** In what `rule` asks less than `parent`; empty: in nothing. */
export function laxer(rule: Rule, parent: Rule): string[] {
  if (MODES.indexOf(rule.mode) < MODES.indexOf(parent.mode)) return [`mode ${rule.mode}, not ${parent.mode}`];
  // What is not enforced there cannot be enforced less here.
  if (parent.mode !== 'enforce') return [];
  return [...fewerSigners(rule, parent), ...weakerChecks(rule, parent), ...otherwiseLess(rule, parent)];
}

function fewerSigners({ requirement: less }: Rule, { requirement: more }: Rule): string[] {
  // Nobody can meet it: nothing passes, so nothing asks more.
  if (less.members.length === 0) return [];
  const found: string[] = [];
  const strangers = less.members.filter((name) => !more.members.includes(name));
  if (strangers.length > 0) found.push(`signers who do not count there: ${strangers.slice(0, 5).join(', ')}`);
  if (less.threshold < more.threshold) found.push(`threshold ${less.threshold}, not ${more.threshold}`);
  const needless = more.must.filter((name) => !less.must.includes(name));
  if (needless.length > 0) found.push(`without ${needless.slice(0, 5).join(', ')}`);
  return found;
}

function weakerChecks(rule: Rule, parent: Rule): string[] {
  const found = CHECKS.filter(
    (check) => ACTIONS.indexOf(rule.actions[check]) < ACTIONS.indexOf(parent.actions[check]),
  ).map((check) => `${check} ${rule.actions[check]}, not ${parent.actions[check]}`);
  // The same actions mean less: keys that ended unseen only warn.
  if (rule.level === 'permissive' && parent.level === 'strict') found.push('level permissive, not strict');
  return found;
}

function otherwiseLess(rule: Rule, parent: Rule): string[] {
  const found: string[] = [];
  if (rule.semantics === 'rfc9580' && parent.semantics !== 'rfc9580') {
    found.push(`semantics rfc9580, not ${parent.semantics}`);
  }
  if (!selectsAll(rule.objects, parent.objects)) found.push('fewer or other objects');
  if (rule.extraSignatures === 'ignore' && parent.extraSignatures === 'refuse') {
    found.push('extra_signatures ignore, not refuse');
  }
  if (BINDINGS.indexOf(rule.minBinding) < BINDINGS.indexOf(parent.minBinding)) {
    found.push(`min_binding ${rule.minBinding}, not ${parent.minBinding}`);
  }
  if (rule.onUndetermined === 'admit' && parent.onUndetermined === 'refuse') {
    found.push('on_undetermined admit, not refuse');
  }
  if (rule.maxStaleness > parent.maxStaleness) found.push('a longer max_staleness');
  if (parent.deniedFingerprints.some((key) => !rule.deniedFingerprints.includes(key))) {
    found.push('without keys that are denied there');
  }
  return found;
}

/** Whether one selection surely has all objects of another. */
function selectsAll(one: ObjectSelection, other: ObjectSelection): boolean {
  if (one.kind === 'all') return true;
  if (one.kind === 'primary') return other.kind === 'primary';
  if (one.kind === 'groups') {
    return other.kind === 'groups' && other.groups.every((group) => one.groups.includes(group));
  }
  return other.kind === 'types' && other.types.every((type) => one.types.includes(type));
}
