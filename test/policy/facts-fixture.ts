/* Policies and facts in which everything is in order, to be spoilt in one place. Times are seconds since 1970. */
import { createHash } from 'node:crypto';

import { evaluate } from '../../src/policy/evaluate.ts';
import type {
  ImageContent,
  ImageFacts,
  ImageProblem,
  KeyFact,
  KeystoreStanding,
  SignatureFact,
} from '../../src/policy/facts.ts';
import type { Action, Check, Policy, PolicySigner, Rule } from '../../src/policy/policy.ts';
import type { ImageVerdict, Moment, ReasonCode } from '../../src/policy/verdict.ts';

export const NOW = 1_795_000_000;
export const HOUR = 3600;
export const DAY = 24 * HOUR;
export const STALENESS = 72 * HOUR;
export const CLOCK_SKEW = 300;
/** When signatures are made, and some time later when the host sees the image, unless a test says otherwise. */
export const SIGNED = NOW - 100 * DAY;
export const SEEN = NOW - 50 * DAY;
export const SHA256: string = 'ab'.repeat(32);
export const MOMENT: Moment = { now: NOW, clockSuspect: false };

const ENFORCED: Readonly<Record<Check, Action>> = {
  integrity: 'enforce',
  coverage: 'enforce',
  authenticity: 'enforce',
  revocation: 'enforce',
  expiry: 'enforce',
  freshness: 'enforce',
  transparency: 'skip',
  binding: 'enforce',
  window: 'enforce',
};

/** What parsing makes of the three levels. */
export const ACTIONS: Readonly<Record<Rule['level'], Rule['actions']>> = {
  strict: ENFORCED,
  permissive: { ...ENFORCED, freshness: 'warn' },
  'audit-only': {
    ...ENFORCED,
    coverage: 'warn',
    authenticity: 'warn',
    revocation: 'warn',
    expiry: 'warn',
    freshness: 'warn',
    binding: 'warn',
    window: 'warn',
  },
};

/** Of a key that is named so. */
export function fingerprintOf(name: string): string {
  return createHash('sha1').update(name).digest('hex').toUpperCase();
}

export function signerOf(name: string, more: Partial<PolicySigner> = {}): PolicySigner {
  return {
    name,
    keys: [fingerprintOf(name)],
    origins: ['local', 'keystore'],
    requirePresent: false,
    ...more,
  };
}

export function ruleOf(more: Partial<Rule> = {}): Rule {
  const level = more.level ?? 'strict';
  return {
    name: 'prod',
    scope: '/srv',
    recursive: true,
    mode: 'enforce',
    semantics: 'rfc9580',
    requirement: requirementOf(['alice']),
    objects: { kind: 'all' },
    extraSignatures: 'ignore',
    minBinding: 'path',
    actions: ACTIONS[level],
    level,
    onUndetermined: 'refuse',
    maxStaleness: STALENESS,
    deniedFingerprints: [],
    ...more,
  };
}

export function requirementOf(
  members: readonly string[],
  threshold = 1,
  must: readonly string[] = [],
): Rule['requirement'] {
  return { members, threshold, must };
}

export interface PolicyParts extends Partial<Omit<Policy, 'signers'>> {
  readonly signers?: readonly PolicySigner[];
}

/** One rule for /srv that wants alice; alice, bob and carol are known. */
export function policyOf({ signers, ...more }: PolicyParts = {}): Policy {
  const people = signers ?? ['alice', 'bob', 'carol'].map((name) => signerOf(name));
  return {
    sha256: 'cd'.repeat(32),
    serial: 1,
    onNoMatch: 'refuse',
    onLogFailure: 'refuse',
    clockSkew: CLOCK_SKEW,
    signers: new Map(people.map((signer) => [signer.name, signer])),
    rules: [ruleOf()],
    denials: [],
    waivers: [],
    ...more,
  };
}

/** A standing of a keystore that has the key and said so an hour ago. */
export function standingOf(more: Partial<KeystoreStanding> = {}): KeystoreStanding {
  return {
    asked: true,
    lastAnswer: NOW - HOUR,
    lastPresent: NOW - HOUR,
    vanished: false,
    rollback: false,
    conflict: false,
    ...more,
  };
}

export function keyOf(name: string, more: Partial<KeyFact> = {}): KeyFact {
  const fingerprint = fingerprintOf(name);
  return {
    fingerprint,
    signingKey: fingerprint,
    local: true,
    remote: true,
    standing: standingOf(),
    ...more,
  };
}

let nextSignature = 100;

/** A valid signature over group 1 by the key of that name. */
export function signatureBy(name: string, more: Partial<SignatureFact> = {}): SignatureFact {
  nextSignature += 1;
  return {
    id: nextSignature,
    group: 1,
    format: 'pgp',
    claimed: [fingerprintOf(name)],
    created: SIGNED,
    covers: [1, 2],
    maker: keyOf(name),
    ...more,
  };
}

/** A signature that nobody's key made; it claims to be of the key of that name. */
export function unknownSignature(name: string, more: Partial<SignatureFact> = {}): SignatureFact {
  const { maker: _, ...rest } = signatureBy(name, more);
  return rest;
}

/** A signature that fits nothing: anybody can add one. */
export function garbageSignature(more: Partial<SignatureFact> = {}): SignatureFact {
  const fault = { reason: 'BAD_FORMAT', detail: 'it is neither a message nor an envelope' } as const;
  return unknownSignature('nobody', { format: 'unknown', claimed: [], covers: [], fault, ...more });
}

export interface ContentParts extends Partial<ImageContent> {
  readonly binding?: ImageFacts['binding'];
  readonly path?: string;
}

/** Two objects in group 1, signed by alice. */
export function imageOf({
  path = '/srv/app.sif',
  binding = 'store',
  ...more
}: ContentParts = {}): ImageFacts {
  const content: ImageContent = {
    kind: 'content',
    sha256: SHA256,
    firstSeen: SEEN,
    faults: [],
    objects: [
      { id: 1, group: 1, type: 'Def.FILE', primary: false },
      { id: 2, group: 1, type: 'FS', primary: true },
    ],
    signatures: [signatureBy('alice')],
    legacySignatures: 0,
    ...more,
  };
  return { path: Buffer.from(path), binding, content };
}

export function problemOf(code: ImageProblem['code'], path = '/srv/app.sif'): ImageFacts {
  return { path: Buffer.from(path), binding: 'path', content: { kind: 'problem', code, text: 'it is so' } };
}

/** Evaluates an image that has these signatures under a policy with one rule. */
export function judge(
  rule: Partial<Rule>,
  signatures: readonly SignatureFact[],
  { content = {}, policy = {}, moment = {} }: JudgeParts = {},
): ImageVerdict {
  return evaluate(policyOf({ rules: [ruleOf(rule)], ...policy }), imageOf({ signatures, ...content }), {
    ...MOMENT,
    ...moment,
  });
}

export interface JudgeParts {
  readonly content?: ContentParts;
  readonly policy?: PolicyParts;
  readonly moment?: Partial<Moment>;
}

/** Codes of the reasons that decide. */
export function decisive({ reasons }: ImageVerdict): readonly ReasonCode[] {
  return reasons.filter(({ action }) => action === 'enforce').map(({ code }) => code);
}

/** Codes of the reasons that are only told. */
export function warnings({ reasons }: ImageVerdict): readonly ReasonCode[] {
  return reasons.filter(({ action }) => action === 'warn').map(({ code }) => code);
}

/** The verdict and the code that comes first, which the exit code follows from. */
export function outcome(verdict: ImageVerdict): string {
  const [first] = verdict.reasons;
  return first === undefined ? verdict.verdict : `${verdict.verdict} ${first.code} ${first.action}`;
}
