/* The keys of a policy file: their types, bounds and what each is for. */
import { z } from 'zod';
import { DEFAULT_CLOCK_SKEW } from './defaults.ts';
import type { GivenDenial, GivenHead, GivenRule, GivenSet, GivenSigner, GivenWaiver } from './given.ts';
import {
  MAX_DENIALS,
  MAX_MEMBERS,
  MAX_RULES,
  MAX_SETS,
  MAX_SIGNER_KEYS,
  MAX_SIGNERS,
  MAX_WAIVERS,
} from './limits.ts';
import { BINDINGS } from './policy.ts';
import {
  choice,
  duration,
  fingerprint,
  flag,
  integer,
  listOf,
  name,
  objects,
  reason,
  scope,
  sha256,
  table,
  time,
} from './schema-parts.ts';

const VERSION_FORM = 'must be 1, the only version of policies that there is';
const fallback = choice(['refuse', 'admit']);
const action = choice(['enforce', 'warn', 'skip']);

const manner = {
  mode: choice(['enforce', 'audit', 'off']).optional().meta({
    description: 'Whether what is decided is enforced, only logged, or not evaluated. Default: enforce.',
  }),
  level: choice(['strict', 'permissive', 'audit-only']).optional().meta({
    description: 'What comes of each check that does not pass. Default: strict.',
  }),
  semantics: choice(['rfc9580', 'strict', 'singularity']).optional().meta({
    description: 'How expired and revoked keys are judged. Default: rfc9580.',
  }),
  min_binding: choice(BINDINGS).optional().meta({
    description: 'How strongly an answer must be bound to the bytes. Default: identity.',
  }),
  on_undetermined: fallback.optional().meta({
    description: 'What becomes of an image that cannot be judged. Default: refuse.',
  }),
  max_staleness: duration('1s', '3650d').optional().meta({
    description: 'How old the last answer of a keystore about a key may be. Default: 72h.',
  }),
};

const defaults = table({
  ...manner,
  on_no_match: fallback.default('refuse').meta({
    description: 'What becomes of an image that no rule is for.',
  }),
  on_log_failure: fallback.default('refuse').meta({
    description: 'What is answered while the decision log cannot be written.',
  }),
  clock_skew: duration('0s', '1d').prefault(`${DEFAULT_CLOCK_SKEW}s`).meta({
    description: 'How far ahead of this clock a signature may claim to be made.',
  }),
});

const signer = table({
  name: name.meta({ description: 'What rules and sets call it. Sets and signers share their names.' }),
  keys: listOf(fingerprint, MAX_SIGNER_KEYS, 'fingerprints')
    .min(1, { error: 'must have at least one fingerprint' })
    .meta({ description: 'Fingerprints of primary keys. However many, the signer counts once.' }),
  sources: listOf(choice(['local', 'keystore']), 2, '"local" and "keystore"')
    .min(1, { error: 'must have "local", "keystore" or both' })
    .default(['local', 'keystore'])
    .meta({ description: 'Where its certificates may come from. Revocations count from everywhere.' }),
  require_present: flag.default(false).meta({
    description: 'Whether a certificate that is gone from the keystore refuses.',
  }),
  valid_from: time.optional().meta({ description: 'Counts for decisions from then on.' }),
  valid_until: time.optional().meta({ description: 'Counts for decisions before then.' }),
  signed_after: time.optional().meta({ description: 'Only signatures made after then count.' }),
  signed_before: time.optional().meta({ description: 'Only signatures made before then count.' }),
});

const set = table({
  name,
  members: listOf(name, MAX_MEMBERS, 'names of signers and sets'),
});

const requirement = table({
  set: name.optional().meta({ description: 'A set, or one signer. This or signers.' }),
  signers: listOf(name, MAX_MEMBERS, 'names of signers').optional().meta({
    description: 'Signers by name. This or set.',
  }),
  threshold: integer(1, MAX_SIGNERS)
    .default(1)
    .meta({ description: 'How many of them have to have signed.' }),
  must: listOf(name, MAX_MEMBERS, 'names of signers').default([]).meta({
    description: 'Signers who have to be among them.',
  }),
});

const TRANSPARENCY_FORM = 'must be "skip": no transparency log is followed yet';

const checks = table({
  integrity: action.optional(),
  coverage: action.optional(),
  authenticity: action.optional(),
  revocation: action.optional(),
  expiry: action.optional(),
  freshness: action.optional(),
  transparency: z.literal('skip', { error: TRANSPARENCY_FORM }).optional(),
  binding: action.optional(),
  window: action.optional(),
});

const rule = table({
  name: name.meta({ description: 'What decisions and waivers call it.' }),
  scope: scope.optional().meta({
    description: 'The folder it is for. One rule may have none: it is for what no other rule is for.',
  }),
  recursive: flag.optional().meta({
    description: 'Whether it is for folders within the folder too. Default: true.',
  }),
  ...manner,
  require: requirement.optional().meta({ description: 'Who has to have signed. Needed unless mode is off.' }),
  objects: objects
    .prefault('all')
    .meta({ description: 'Which objects of an image each counted signer has to have signed.' }),
  extra_signatures: choice(['ignore', 'refuse']).default('ignore').meta({
    description:
      'What a signature that is invalid or by nobody known does to an image that is fine without it.',
  }),
  checks: checks
    .prefault({})
    .meta({ description: 'What comes of single checks, other than the level says.' }),
  deny: listOf(fingerprint, MAX_DENIALS, 'fingerprints').default([]).meta({
    description: 'Fingerprints of primary keys that no signature may name here.',
  }),
  i_know: flag.default(false).meta({
    description: 'That this rule asks less than that of a folder above, where others can write, is intended.',
  }),
});

const denial = table({
  sha256: sha256.optional().meta({ description: 'Digest of an image. This or fingerprint.' }),
  fingerprint: fingerprint.optional().meta({ description: 'Of a primary key or a subkey. This or sha256.' }),
  since: time.optional().meta({ description: 'Only signatures made from then on, or at no known time.' }),
  reason: reason.optional().meta({ description: 'Why, for whoever is refused.' }),
});

const waiver = table({
  sha256: sha256.meta({ description: 'Digest of the one image that passes.' }),
  rule: name.meta({ description: 'Name of the rule that it need not meet.' }),
  until: time.meta({ description: 'When it ends.' }),
  reason,
});

/** What only the first file of a policy has. */
const head = {
  version: z.literal(1, { error: VERSION_FORM }).meta({ description: 'Of the form of policies: 1.' }),
  serial: integer(0, Number.MAX_SAFE_INTEGER).default(0).meta({
    description: 'Raise it with each change: a policy with a lower one than that in force is refused.',
  }),
  valid_until: time.optional().meta({ description: 'From then on the policy counts as none.' }),
  defaults: defaults.prefault({}),
};

const lists = {
  signer: listOf(signer, MAX_SIGNERS, 'tables').default([]).meta({ description: 'People and robots.' }),
  set: listOf(set, MAX_SETS, 'tables').default([]).meta({ description: 'Signers under one name.' }),
  rule: listOf(rule, MAX_RULES, 'tables').default([]).meta({ description: 'What images need, by folder.' }),
  deny: listOf(denial, MAX_DENIALS, 'tables').default([]).meta({ description: 'Beats everything else.' }),
  waiver: listOf(waiver, MAX_WAIVERS, 'tables').default([]).meta({ description: 'Exceptions that end.' }),
};

export const headSchema: z.ZodType<GivenHead> = table(head);
export const signerSchema: z.ZodType<GivenSigner> = signer;
export const setSchema: z.ZodType<GivenSet> = set;
export const ruleSchema: z.ZodType<GivenRule> = rule;
export const denialSchema: z.ZodType<GivenDenial> = denial;
export const waiverSchema: z.ZodType<GivenWaiver> = waiver;

/** A whole policy in one file, for `json-schema.ts`. */
export const policySchema: z.ZodType = table({ ...head, ...lists });

export const HEAD_KEYS: readonly string[] = Object.keys(head);
export const LIST_KEYS: readonly string[] = Object.keys(lists);

/** The keys that each table may have, by its path without numbers; for messages. */
export const TABLE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['defaults', Object.keys(defaults.shape)],
  ['signer', Object.keys(signer.shape)],
  ['set', Object.keys(set.shape)],
  ['rule', Object.keys(rule.shape)],
  ['rule.require', Object.keys(requirement.shape)],
  ['rule.checks', Object.keys(checks.shape)],
  ['deny', Object.keys(denial.shape)],
  ['waiver', Object.keys(waiver.shape)],
]);
