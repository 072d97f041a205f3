/* A policy as an ecl.toml, as far as that can be said: what ECL admits, the policy admits too. */
import type { Policy, Rule } from '../policy.ts';
import type { EclFlavour } from './ecl.ts';
import { expressRule, isNothing, NOTHING } from './express-rule.ts';
import type { Expression } from './express-rule.ts';
import { tomlComment, tomlString, tomlStrings } from './toml-text.ts';

export interface EclExport {
  readonly toml: string;
  /** What the policy says and ECL does not, and which rules refuse everything for it. */
  readonly lost: readonly string[];
  /**
   * Primary fingerprints of the certificates that the global keyring has to hold. It must hold no others: ECL
   * would take their signatures for good.
   */
  readonly keyring: readonly string[];
  /** Fingerprints that no certificate in the global keyring may have, not even as a subkey. */
  readonly denied: readonly string[];
  /** False: every image would be refused. */
  readonly admits: boolean;
}

interface Group extends Expression {
  readonly rule: Rule;
}

/** The two tools read one file differently: `flavour` is the one that will. */
export function exportEcl(policy: Policy, { flavour }: { readonly flavour: EclFlavour }): EclExport {
  const lost: string[] = [...lostAtAll(policy)];
  const obstacle = obstacleOf(policy, flavour);
  if (obstacle !== undefined) lost.push(obstacle);
  const candidates = policy.rules.flatMap((rule) => groupFor(rule, { policy, flavour, obstacle, lost }));
  const trusted = new Set(candidates.flatMap(({ keys }) => keys));
  const checked = candidates.map((group) => withoutDenied(group, trusted, lost));
  const groups = checked.filter((group) => mayBeWritten(group, checked, lost));
  const keyring = [...new Set(groups.flatMap(({ keys }) => keys))].toSorted();
  const denied = [
    ...new Set([
      ...policy.denials.flatMap(({ fingerprint }) => fingerprint ?? []),
      ...groups.flatMap((group) => (isNothing(group) ? [] : group.rule.deniedFingerprints)),
    ]),
  ].toSorted();
  return {
    toml: toToml(policy, groups, lost, keyring),
    lost,
    keyring,
    denied,
    admits: groups.some((group) => !isNothing(group)),
  };
}

/** What is different whatever the rules say; the policy is the wider one, or it is a matter of time. */
function* lostAtAll(policy: Policy): Generator<string> {
  if (policy.waivers.length > 0) yield 'waivers: images that only a waiver admits are refused';
  if (policy.onNoMatch === 'admit') {
    yield 'on_no_match "admit": images that no group is for are refused';
  }
  if (policy.validUntil !== undefined) {
    yield 'valid_until: ECL does not end; take the file away, or write it anew, before the policy ends';
  }
  yield 'key state: ECL knows keys as they are in the global keyring; write it anew whenever a key changes';
}

/** Something that no rule can be said without. */
function obstacleOf({ denials }: Policy, flavour: EclFlavour): string | undefined {
  if (denials.some(({ sha256 }) => sha256 !== undefined)) {
    return (
      'a denied digest: ECL cannot deny one image, so no image may run; remove that image from the folders, and ' +
      'export a policy without the denial'
    );
  }
  if (flavour === 'apptainer' && denials.length > 0) {
    return 'denied keys: Apptainer passes over signatures that it cannot verify, so no image may run';
  }
  return undefined;
}

/** None for a rule that is not enforced: it admits everything, which ECL has no words for. */
function groupFor(
  rule: Rule,
  context: { policy: Policy; flavour: EclFlavour; obstacle: string | undefined; lost: string[] },
): Group[] {
  const { policy, flavour, obstacle, lost } = context;
  const lose = (why: string): void => void lost.push(`rule ${rule.name}: ${why}`);
  if (rule.mode !== 'enforce') {
    lose(`mode "${rule.mode}" is left out: ECL cannot only watch`);
    return [];
  }
  if (rule.scope !== undefined && rule.recursive) {
    lose('recursive: ECL is for images directly in the folder; those in sub-folders are refused');
  }
  if (rule.objects.kind === 'primary') lose('objects "primary": ECL asks for every object');
  if (rule.semantics !== 'singularity') {
    lose(
      `semantics "${rule.semantics}": ECL refuses every signature of a key that is expired or revoked now`,
    );
  }
  return [{ rule, ...(obstacle === undefined ? expressRule(rule, policy, flavour, lose) : NOTHING) }];
}

/** A key that this rule denies must not be in the keyring for the sake of another rule. */
function withoutDenied(group: Group, trusted: ReadonlySet<string>, lost: string[]): Group {
  const { rule } = group;
  if (isNothing(group) || !rule.deniedFingerprints.some((key) => trusted.has(key))) return group;
  lost.push(
    `rule ${rule.name}: it denies a key that another rule trusts: ECL has one keyring; no image may run there`,
  );
  return { rule, ...NOTHING };
}

/**
 * The group without folder takes the images of all sub-folders, which have rules of their own here: it is left
 * out unless those ask the same.
 */
function mayBeWritten(group: Group, all: readonly Group[], lost: string[]): boolean {
  if (group.rule.scope !== undefined || isNothing(group)) return true;
  const stricter = all.find(
    (other) => other.rule.scope !== undefined && other.rule.recursive && !isSame(other, group),
  );
  if (stricter === undefined) return true;
  lost.push(
    `rule ${group.rule.name}: left out, ECL would apply it to the sub-folders that rule ${stricter.rule.name} is for`,
  );
  return false;
}

function isSame(one: Expression, other: Expression): boolean {
  return one.mode === other.mode && one.keys.join() === other.keys.join();
}

function toToml(
  policy: Policy,
  groups: readonly Group[],
  lost: readonly string[],
  keyring: readonly string[],
): string {
  const head = [
    tomlComment(`Made from the policy ${policy.sha256}, serial ${policy.serial}.`),
    tomlComment('The global keyring has to hold these keys and no others:'),
    ...keyring.map((key) => tomlComment(`  ${key}`)),
    tomlComment('What the policy says and this list does not:'),
    ...lost.map((one) => tomlComment(`  ${one}`)),
    'activated = true',
    'legacyinsecure = false',
    '',
  ];
  const tables = groups.map(({ rule, mode, keys }) =>
    [
      '[[execgroup]]',
      `tagname = ${tomlString(rule.name)}`,
      `mode = ${tomlString(mode)}`,
      `dirpath = ${tomlString(rule.scope ?? '')}`,
      `keyfp = ${tomlStrings(keys)}`,
      '',
    ].join('\n'),
  );
  return [...head, ...tables].join('\n');
}
