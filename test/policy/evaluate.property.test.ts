import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { evaluate } from '../../src/policy/evaluate.ts';
import type { KeyFact, SignatureFact } from '../../src/policy/facts.ts';
import type { Denial, PolicySigner, Rule } from '../../src/policy/policy.ts';
import type { ImageVerdict, Moment } from '../../src/policy/verdict.ts';
import {
  DAY,
  fingerprintOf,
  garbageSignature,
  HOUR,
  imageOf,
  keyOf,
  NOW,
  policyOf,
  requirementOf,
  ruleOf,
  SEEN,
  SHA256,
  SIGNED,
  signatureBy,
  signerOf,
  STALENESS,
  standingOf,
  unknownSignature,
} from './facts-fixture.ts';

/* Alice has two keys; dave's key is known here and in no rule. */
const KEYS = ['alice', 'alice 2', 'bob', 'carol', 'dave'];
const OBJECTS = [
  { id: 1, group: 1, type: 'Def.FILE', primary: false },
  { id: 2, group: 1, type: 'FS', primary: true },
  { id: 3, group: 2, type: 'FS', primary: false },
];

/** Around a time, on both sides and at it. */
const around = (time: number): fc.Arbitrary<number> =>
  fc.constantFrom(time - DAY, time - 1, time, time + 1, time + DAY);

const standing = fc.record({
  asked: fc.boolean(),
  lastAnswer: fc.constantFrom(NOW - HOUR, NOW - STALENESS),
  lastPresent: fc.constantFrom(NOW - HOUR, NOW - STALENESS),
  vanished: fc.boolean(),
  rollback: fc.boolean(),
  conflict: fc.boolean(),
});

const revocation = fc.record({
  hard: fc.boolean(),
  at: fc.oneof(around(SIGNED), around(SEEN), around(NOW)),
  text: fc.string(),
  from: fc.constantFrom('LOCAL', 'REMOTE', 'LOCAL+REMOTE', 'seen'),
});

/** Keys are good in most respects, or hardly anything would ever be admitted. */
const rarely = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

function keyFact(name: string): fc.Arbitrary<KeyFact> {
  return fc
    .record({
      local: fc.constantFrom(true, true, true, false),
      remote: fc.boolean(),
      standing: fc.oneof(
        { weight: 3, arbitrary: fc.constant(standingOf()) },
        { weight: 1, arbitrary: standing },
      ),
      expires: rarely(fc.oneof(around(SIGNED), around(SEEN), around(NOW))),
      revocation: rarely(revocation),
      weak: rarely(fc.constant('short')),
      cannotSign: rarely(fc.constant('may not')),
    })
    .map((parts) => keyOf(name, withoutUndefined(parts)));
}

/** One key has one state, whatever number of signatures it made. */
const keyring = fc.tuple(...KEYS.map(keyFact));

const covers = fc.oneof(
  { weight: 3, arbitrary: fc.constant([1, 2, 3]) },
  { weight: 1, arbitrary: fc.subarray([1, 2, 3]) },
);

function signature(keys: readonly KeyFact[]): fc.Arbitrary<SignatureFact> {
  const good = fc
    .record({
      maker: fc.constantFrom(...keys),
      covers,
      group: fc.constantFrom(1, 2),
      created: fc.oneof(
        { weight: 3, arbitrary: fc.constant(SIGNED) },
        { weight: 1, arbitrary: around(NOW + 300) },
      ),
    })
    .map((parts) => signatureBy('alice', { ...parts, claimed: [parts.maker.fingerprint] }));
  return fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: worthless });
}

/** What anybody can add. */
const worthless: fc.Arbitrary<SignatureFact> = fc
  .record({
    broken: fc.boolean(),
    name: fc.constantFrom(...KEYS, 'nobody'),
    group: fc.constantFrom(1, 2),
    covers,
    reason: fc.constantFrom(
      'BAD_SIGNATURE',
      'WEAK_HASH',
      'CONTENT_CHANGED',
      'HEADER_CHANGED',
      'OBJECT_NOT_SIGNED',
    ),
  })
  .map(({ broken, name, reason, ...rest }) =>
    broken
      ? garbageSignature({ ...rest, claimed: [fingerprintOf(name)], fault: { reason, detail: 'it is so' } })
      : unknownSignature(name, rest),
  );

const rule: fc.Arbitrary<Partial<Rule>> = fc
  .record({
    members: fc.subarray(['alice', 'bob', 'carol'], { minLength: 1 }),
    threshold: fc.constantFrom(1, 1, 2),
    must: fc.boolean(),
    semantics: fc.constantFrom('rfc9580', 'strict', 'singularity'),
    level: fc.constantFrom('strict', 'permissive'),
    objects: fc.constantFrom<Rule['objects'][]>(
      { kind: 'all' },
      { kind: 'primary' },
      { kind: 'groups', groups: [1] },
      { kind: 'types', types: ['FS'] },
    ),
    onUndetermined: fc.constantFrom('refuse', 'admit'),
  })
  .map(({ members, threshold, must, ...rest }) => ({
    ...rest,
    requirement: requirementOf(members, Math.min(threshold, members.length), must ? members.slice(0, 1) : []),
  }));

const signers = fc
  .record({
    origins: fc.constantFrom<PolicySigner['origins'][]>(['local', 'keystore'], ['local'], ['keystore']),
    requirePresent: fc.boolean(),
    validUntil: rarely(around(NOW)),
    signedAfter: rarely(around(SIGNED)),
  })
  .map(({ origins, requirePresent, ...bob }) => [
    signerOf('alice', { keys: [fingerprintOf('alice'), fingerprintOf('alice 2')] }),
    signerOf('bob', { ...withoutUndefined(bob), origins, requirePresent }),
    signerOf('carol'),
  ]);

interface Scene {
  readonly rule: Partial<Rule>;
  readonly signers: Parameters<typeof policyOf>[0];
  readonly signatures: readonly SignatureFact[];
  readonly moment: Moment;
}

const scene: fc.Arbitrary<Scene> = keyring.chain((keys) =>
  fc
    .record({
      rule,
      signers,
      signatures: fc.array(signature(keys), { minLength: 1, maxLength: 5 }),
      clockSuspect: fc.constantFrom(false, false, false, true),
    })
    .map(({ clockSuspect, signers: people, ...rest }) => ({
      ...rest,
      signers: { signers: people },
      moment: { now: NOW, clockSuspect },
    })),
);

interface Change {
  readonly signatures?: readonly SignatureFact[];
  readonly rule?: Partial<Rule>;
  readonly denials?: readonly Denial[];
}

function verdictOf(about: Scene, change: Change = {}): ImageVerdict {
  const policy = policyOf({
    ...about.signers,
    rules: [ruleOf({ ...about.rule, ...change.rule })],
    denials: change.denials ?? [],
  });
  const image = imageOf({ objects: OBJECTS, signatures: change.signatures ?? about.signatures });
  return evaluate(policy, image, about.moment);
}

const RANK = { refuse: 0, undetermined: 1, admit: 2 } as const;
const rank = ({ verdict }: ImageVerdict): number => RANK[verdict];

describe('whatever the image, the keys and the policy', () => {
  test('adding a signature that is garbage or of nobody known changes nothing when such are ignored', () => {
    fc.assert(
      fc.property(scene, worthless, fc.nat(5), (about, added, at) => {
        const signatures = about.signatures.toSpliced(at, 0, added);
        const after = verdictOf(about, { signatures });
        const before = verdictOf(about);
        expect([after.verdict, after.effective]).toEqual([before.verdict, before.effective]);
        expect(after.threshold).toEqual(before.threshold);
      }),
      { numRuns: 400 },
    );
  });

  test('adding such a signature never admits more when such refuse', () => {
    fc.assert(
      fc.property(scene, worthless, (about, added) => {
        const strict = { rule: { extraSignatures: 'refuse' } } as const;
        const after = verdictOf(about, { ...strict, signatures: [...about.signatures, added] });
        expect(rank(after)).toBe(RANK.refuse);
        expect(rank(verdictOf(about, strict))).toBeLessThanOrEqual(rank(verdictOf(about)));
      }),
      { numRuns: 200 },
    );
  });

  test('a denial never admits more', () => {
    const denial: fc.Arbitrary<Denial> = fc.oneof(
      fc.constant({ sha256: SHA256 }),
      fc.record({ fingerprint: fc.constantFrom(...KEYS.map(fingerprintOf)), since: around(SIGNED) }),
    );
    fc.assert(
      fc.property(scene, denial, (about, added) => {
        expect(rank(verdictOf(about, { denials: [added] }))).toBeLessThanOrEqual(rank(verdictOf(about)));
      }),
      { numRuns: 200 },
    );
  });

  test('the order of signatures does not matter', () => {
    const shuffled = scene.chain((about) =>
      fc.record({
        about: fc.constant(about),
        signatures: fc.shuffledSubarray([...about.signatures], { minLength: about.signatures.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ about, signatures }) => {
        const [before, after] = [verdictOf(about), verdictOf(about, { signatures })];
        expect(after.verdict).toBe(before.verdict);
        expect(after.checks).toEqual(before.checks);
        expect(after.threshold).toEqual(before.threshold);
      }),
      { numRuns: 200 },
    );
  });

  test('a signature less never admits more when others are ignored', () => {
    fc.assert(
      fc.property(scene, fc.nat(5), (about, at) => {
        const after = verdictOf(about, { signatures: about.signatures.toSpliced(at, 1) });
        expect(rank(after)).toBeLessThanOrEqual(rank(verdictOf(about)));
      }),
      { numRuns: 400 },
    );
  });

  test('an image is refused or left open with a reason that decides, and admitted with none', () => {
    fc.assert(
      fc.property(scene, (about) => {
        const { verdict, reasons, threshold, signers: made, effective } = verdictOf(about);
        expect(reasons.some(({ action }) => action === 'enforce')).toBe(verdict !== 'admit');
        expect(effective).toBe(verdict === 'undetermined' ? about.rule.onUndetermined : verdict);
        const enough =
          threshold !== undefined && threshold.have >= threshold.need && threshold.missing.length === 0;
        expect(verdict !== 'admit' || enough).toBe(true);
        const counted = new Set(made.filter(({ counts }) => counts).map(({ name }) => name));
        expect(verdict !== 'admit' || counted.size >= (about.rule.requirement?.threshold ?? 0)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

test('the scenes above come to every verdict, and often', () => {
  const came = fc.sample(scene, { numRuns: 1000, seed: 1 }).map((about) => verdictOf(about).verdict);
  for (const verdict of ['admit', 'refuse', 'undetermined']) {
    expect(came.filter((one) => one === verdict).length).toBeGreaterThan(20);
  }
});

function withoutUndefined<Parts extends object>(
  parts: Parts,
): { [Key in keyof Parts]?: Exclude<Parts[Key], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Parts]?: Exclude<Parts[Key], undefined>;
  };
}
