import { describe, expect, test } from 'vitest';

import type { KeyFact, KeyRevocation } from '../../src/policy/facts.ts';
import type { Level, Semantics } from '../../src/policy/policy.ts';
import type { KeyState } from '../../src/policy/verdict.ts';
import {
  DAY,
  decisive,
  judge,
  keyOf,
  NOW,
  outcome,
  requirementOf,
  SEEN,
  signatureBy,
} from './facts-fixture.ts';

/** When the key ended. Signature and first sight are told in days from there. */
const END = NOW - 10 * DAY;

interface Situation {
  readonly what: string;
  readonly key: Partial<KeyFact>;
  /** Days after the end of the key. */
  readonly signed: number;
  readonly seen: number;
  readonly state: KeyState;
}

const revoked = (hard: boolean): Partial<KeyFact> => ({
  revocation: { hard, at: END, text: 'as the owner says', from: 'REMOTE' },
});

const SITUATIONS: readonly Situation[] = [
  { what: 'a good key', key: {}, signed: -2, seen: -1, state: 'good' },
  { what: 'expired, seen before', key: { expires: END }, signed: -2, seen: -1, state: 'expired-anchored' },
  { what: 'expired, seen later', key: { expires: END }, signed: -2, seen: 1, state: 'expired-unanchored' },
  {
    what: 'expired, seen at its end',
    key: { expires: END },
    signed: -2,
    seen: 0,
    state: 'expired-unanchored',
  },
  { what: 'expired, signed later', key: { expires: END }, signed: 1, seen: 2, state: 'signed-after-expiry' },
  {
    what: 'expired, signed at its end',
    key: { expires: END },
    signed: 0,
    seen: 1,
    state: 'signed-after-expiry',
  },
  {
    what: 'expired, signed later as it says, seen before',
    key: { expires: END },
    signed: 1,
    seen: -1,
    state: 'signed-after-expiry',
  },
  {
    what: 'revoked hard, signed and seen before',
    key: revoked(true),
    signed: -2,
    seen: -1,
    state: 'revoked-hard',
  },
  { what: 'revoked hard, signed later', key: revoked(true), signed: 1, seen: 2, state: 'revoked-hard' },
  {
    what: 'AD16 revoked soft, seen before',
    key: revoked(false),
    signed: -2,
    seen: -1,
    state: 'revoked-soft-anchored',
  },
  {
    what: 'AD16 revoked soft, seen later',
    key: revoked(false),
    signed: -2,
    seen: 1,
    state: 'revoked-soft-unanchored',
  },
  {
    what: 'AD16 revoked soft, seen when it was revoked',
    key: revoked(false),
    signed: -2,
    seen: 0,
    state: 'revoked-soft-unanchored',
  },
  {
    what: 'AD16 revoked soft, signed later',
    key: revoked(false),
    signed: 1,
    seen: 2,
    state: 'signed-after-revocation',
  },
  {
    what: 'AD16 revoked soft, signed when it was revoked',
    key: revoked(false),
    signed: 0,
    seen: 2,
    state: 'signed-after-revocation',
  },
];

type Answers = Readonly<Record<KeyState, string>>;

const ALWAYS = {
  good: 'admit',
  'signed-after-expiry': 'refuse KEY_EXPIRED enforce',
  'revoked-hard': 'refuse KEY_REVOKED_HARD enforce',
  'signed-after-revocation': 'refuse KEY_REVOKED_SOFT enforce',
  weak: 'refuse KEY_WEAK enforce',
  'cannot-sign': 'refuse SIG_INVALID enforce',
};

/** Whatever is expired or revoked now refuses. */
const UNFORGIVING: Answers = {
  ...ALWAYS,
  'expired-anchored': 'refuse KEY_EXPIRED enforce',
  'expired-unanchored': 'refuse KEY_EXPIRED enforce',
  'revoked-soft-anchored': 'refuse KEY_REVOKED_SOFT enforce',
  'revoked-soft-unanchored': 'refuse KEY_REVOKED_SOFT enforce',
};

const PROFILES: readonly (readonly [Semantics, Level, Answers])[] = [
  [
    'rfc9580',
    'strict',
    {
      ...ALWAYS,
      'expired-anchored': 'admit',
      'expired-unanchored': 'refuse KEY_EXPIRED_UNANCHORED enforce',
      'revoked-soft-anchored': 'admit KEY_REVOKED_SOFT warn',
      'revoked-soft-unanchored': 'refuse KEY_REVOKED_UNANCHORED enforce',
    },
  ],
  [
    'rfc9580',
    'permissive',
    {
      ...ALWAYS,
      'expired-anchored': 'admit',
      'expired-unanchored': 'admit KEY_EXPIRED_UNANCHORED warn',
      'revoked-soft-anchored': 'admit',
      'revoked-soft-unanchored': 'admit KEY_REVOKED_UNANCHORED warn',
    },
  ],
  ['strict', 'strict', UNFORGIVING],
  ['strict', 'permissive', UNFORGIVING],
  ['singularity', 'strict', UNFORGIVING],
  ['singularity', 'permissive', UNFORGIVING],
];

describe.each(PROFILES)('%s, %s', (semantics, level, answers) => {
  test.each(SITUATIONS)('$what', ({ key, signed, seen, state }) => {
    const signature = signatureBy('alice', { created: END + signed * DAY, maker: keyOf('alice', key) });
    const verdict = judge({ semantics, level }, [signature], { content: { firstSeen: END + seen * DAY } });
    expect(verdict.signers[0]?.keyState).toBe(state);
    expect(outcome(verdict)).toBe(answers[state]);
    expect(verdict.signers[0]?.counts).toBe(verdict.verdict === 'admit');
  });

  test('a key that is too weak, or may not sign', () => {
    const weak = keyOf('alice', { weak: 'RSA of 1024 bits' });
    expect(outcome(judge({ semantics, level }, [signatureBy('alice', { maker: weak })]))).toBe(answers.weak);
    const mute = keyOf('alice', { cannotSign: 'an encryption key' });
    const verdict = judge({ semantics, level }, [signatureBy('alice', { maker: mute })]);
    expect(outcome(verdict)).toBe(answers['cannot-sign']);
    expect(verdict.signers[0]).toMatchObject({ keyState: 'cannot-sign', counts: false });
  });

  test('a signature that does not say when it was made counts as made after the end', () => {
    for (const key of [{ expires: END }, revoked(false)]) {
      const { created: _, ...undated } = signatureBy('alice', { maker: keyOf('alice', key) });
      expect(judge({ semantics, level }, [undated], { content: { firstSeen: END - DAY } }).verdict).toBe(
        'refuse',
      );
    }
  });
});

test.each([
  [NOW + 1, 'admit'],
  [NOW, 'refuse'],
  [NOW - 1, 'refuse'],
])('a key that expires at %s is judged to the second', (expires, expected) => {
  const signature = signatureBy('alice', { maker: keyOf('alice', { expires }) });
  expect(judge({ semantics: 'strict' }, [signature]).verdict).toBe(expected);
});

test.each([
  [NOW + 300, 'admit'],
  [NOW + 301, 'refuse SIG_FUTURE enforce'],
])('a signature made at %s may be ahead of the clock by the skew', (created, expected) => {
  expect(outcome(judge({}, [signatureBy('alice', { created })]))).toBe(expected);
});

test.each<[KeyRevocation['from'], string]>([
  ['LOCAL', 'LOCAL'],
  ['REMOTE', 'REMOTE'],
  ['LOCAL+REMOTE', 'LOCAL+REMOTE'],
  ['seen', 'SEEN'],
])(
  'a revocation that %s knows refuses a key that local files hold, and is named with its source',
  (from, source) => {
    const revocation = { hard: true, at: END, text: 'leaked', from } as const;
    const signature = signatureBy('alice', {
      maker: keyOf('alice', { local: true, remote: false, revocation }),
    });
    const verdict = judge({}, [signature]);
    expect(verdict.reasons[0]).toMatchObject({ code: 'KEY_REVOKED_HARD', check: 'revocation', source });
    expect(verdict.reasons[0]?.text).toContain('leaked');
    expect(verdict.checks).toMatchObject({ authenticity: 'pass', revocation: 'fail' });
  },
);

describe('a signer whose key ended', () => {
  const requirement = requirementOf(['alice', 'bob']);
  const gone = signatureBy('alice', { maker: keyOf('alice', revoked(true)) });

  test('is told as a warning when enough others are left', () => {
    const verdict = judge({ requirement }, [gone, signatureBy('bob')]);
    expect(outcome(verdict)).toBe('admit KEY_REVOKED_HARD warn');
    expect(verdict.checks?.revocation).toBe('pass');
    expect(verdict.threshold).toMatchObject({ need: 1, have: 1 });
    expect(verdict.signers.map(({ counts }) => counts)).toEqual([false, true]);
  });

  test('refuses when the signer is one who must be there', () => {
    const must = { requirement: requirementOf(['alice', 'bob'], 1, ['alice']) };
    const verdict = judge(must, [gone, signatureBy('bob')]);
    expect(decisive(verdict)).toEqual(['KEY_REVOKED_HARD']);
    expect(verdict.threshold?.missing).toEqual(['alice']);
  });

  test('counts by another key that signed as well', () => {
    const second = signatureBy('alice', { maker: keyOf('alice’s new key') });
    const alice = { name: 'alice', origins: ['local'], requirePresent: false } as const;
    const keys = [keyOf('alice').fingerprint, keyOf('alice’s new key').fingerprint];
    const verdict = judge({}, [gone, second], { policy: { signers: [{ ...alice, keys }] } });
    expect(verdict.verdict).toBe('admit');
    expect(verdict.signers.map(({ name, counts }) => [name, counts])).toEqual([
      ['alice', false],
      ['alice', true],
    ]);
  });

  test('is not made up for by one whose key ended in another way', () => {
    const late = signatureBy('bob', { maker: keyOf('bob', { expires: SEEN }) });
    const verdict = judge({ requirement }, [gone, late]);
    expect(outcome(verdict)).toBe('refuse KEY_EXPIRED_UNANCHORED enforce');
    expect(verdict.checks).toMatchObject({ revocation: 'pass', expiry: 'fail' });
    expect(verdict.reasons.map(({ code }) => code)).toContain('KEY_REVOKED_HARD');
  });

  test('every signer that was needed is named', () => {
    const both = ['alice', 'bob'].map((name) => signatureBy(name, { maker: keyOf(name, revoked(true)) }));
    const verdict = judge({ requirement }, both);
    expect(decisive(verdict)).toEqual(['KEY_REVOKED_HARD', 'KEY_REVOKED_HARD']);
    expect(verdict.reasons.map(({ fingerprint }) => fingerprint)).toEqual([
      keyOf('alice').fingerprint,
      keyOf('bob').fingerprint,
    ]);
  });
});

test('a check that only warns tells and takes nobody away', () => {
  const signature = signatureBy('alice', { maker: keyOf('alice', revoked(true)) });
  const verdict = judge({ level: 'audit-only' }, [signature]);
  expect(outcome(verdict)).toBe('admit KEY_REVOKED_HARD warn');
  expect(verdict.checks?.revocation).toBe('fail');
  expect(verdict.threshold?.have).toBe(1);
});

test('what the owner wrote into a revocation is cut when it is long', () => {
  const revocation = { hard: true, at: END, text: 'x'.repeat(100_000), from: 'REMOTE' } as const;
  const verdict = judge({}, [signatureBy('alice', { maker: keyOf('alice', { revocation }) })]);
  expect(verdict.reasons[0]?.text.length).toBeLessThan(500);
});
