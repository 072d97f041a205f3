/* A policy as it is in force, under the names of policy files. */
import { durationText } from '../duration.ts';
import type { ObjectSelection, Policy, PolicySigner, Rule } from './policy.ts';

type Entry = Readonly<Record<string, unknown>>;

/**
 * The policy with every default resolved, as TOML that `parsePolicy` reads to the same policy (but for the
 * digest, which is that of other octets). Names of sets stand for their members in the end.
 */
export function showPolicy(policy: Policy): string {
  const { defaults, ...rest } = contentOf(policy, tomlTime);
  const lines = [`# policy ${policy.sha256}`];
  for (const [key, value] of Object.entries(rest)) {
    if (!isTables(value)) lines.push(`${key} = ${inline(value)}`);
  }
  lines.push('', '[defaults]', ...pairs(defaults));
  for (const [key, tables] of Object.entries(rest)) {
    if (isTables(tables)) for (const table of tables) lines.push('', `[[${key}]]`, ...pairs(table));
  }
  return `${lines.join('\n')}\n`;
}

/** The same as a value for JSON, which `parsePolicy` reads too. */
export function policyDocument(policy: Policy): Entry {
  return contentOf(policy, (seconds) => new Date(seconds * 1000).toISOString());
}

/** A date-time, which TOML writes without quotes. */
class Bare {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Time = (seconds: number) => unknown;

const tomlTime: Time = (seconds) => new Bare(new Date(seconds * 1000).toISOString());

function contentOf(policy: Policy, time: Time): Entry & { readonly defaults: Entry } {
  return {
    version: 1,
    serial: policy.serial,
    ...moment('valid_until', policy.validUntil, time),
    defaults: {
      on_no_match: policy.onNoMatch,
      on_log_failure: policy.onLogFailure,
      clock_skew: durationText(policy.clockSkew * 1000),
    },
    signer: [...policy.signers.values()].map((signer) => signerEntry(signer, time)),
    set: setEntries(policy),
    rule: policy.rules.map(ruleEntry),
    deny: policy.denials.map(({ since, ...denial }) => ({ ...denial, ...moment('since', since, time) })),
    waiver: policy.waivers.map((waiver) => ({ ...waiver, until: time(waiver.until) })),
  };
}

function moment(key: string, seconds: number | undefined, time: Time): Entry {
  return seconds === undefined ? {} : { [key]: time(seconds) };
}

function signerEntry(signer: PolicySigner, time: Time): Entry {
  return {
    name: signer.name,
    keys: signer.keys,
    sources: signer.origins,
    require_present: signer.requirePresent,
    ...moment('valid_from', signer.validFrom, time),
    ...moment('valid_until', signer.validUntil, time),
    ...moment('signed_after', signer.signedAfter, time),
    ...moment('signed_before', signer.signedBefore, time),
  };
}

/** The sets that rules name; a signer is a set of one by itself. */
function setEntries({ rules, signers }: Policy): Entry[] {
  const sets = new Map<string, readonly string[]>();
  for (const { requirement } of rules) {
    if (requirement.set !== undefined && !signers.has(requirement.set)) {
      sets.set(requirement.set, requirement.members);
    }
  }
  return [...sets].map(([name, members]) => ({ name, members }));
}

function ruleEntry(rule: Rule): Entry {
  const { set, members, threshold, must } = rule.requirement;
  return {
    name: rule.name,
    ...(rule.scope === undefined ? {} : { scope: rule.scope, recursive: rule.recursive }),
    mode: rule.mode,
    require: { ...(set === undefined ? { signers: members } : { set }), threshold, must },
    objects: objectsEntry(rule.objects),
    extra_signatures: rule.extraSignatures,
    min_binding: rule.minBinding,
    level: rule.level,
    checks: rule.actions,
    semantics: rule.semantics,
    on_undetermined: rule.onUndetermined,
    max_staleness: durationText(rule.maxStaleness * 1000),
    deny: rule.deniedFingerprints,
    ...(rule.iKnow === true ? { i_know: true } : {}),
  };
}

function objectsEntry(objects: ObjectSelection): unknown {
  if (objects.kind === 'groups') return { groups: objects.groups };
  return objects.kind === 'types' ? { types: objects.types } : objects.kind;
}

function isTables(value: unknown): value is readonly Entry[] {
  return Array.isArray(value);
}

function pairs(table: Entry): string[] {
  return Object.entries(table).map(([key, value]) => `${key} = ${inline(value)}`);
}

/** A value in one line. Keys are those of policies, which need no quotes. */
function inline(value: unknown): string {
  if (value instanceof Bare) return value.text;
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{ ${pairs({ ...value }).join(', ')} }`;
  // Escapes of JSON are escapes of TOML; DEL is the one character that TOML wants escaped and JSON does not.
  return JSON.stringify(value).replaceAll('\u007F', '\\u007F');
}
