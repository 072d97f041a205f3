import { describe, expect, test } from 'vitest';

import { evaluate } from '../../src/policy/evaluate.ts';
import type { ProblemCode } from '../../src/policy/facts.ts';
import type { Binding, Policy, Rule } from '../../src/policy/policy.ts';
import {
  ACTIONS,
  DAY,
  decisive,
  fingerprintOf,
  imageOf,
  judge,
  keyOf,
  MOMENT,
  NOW,
  outcome,
  policyOf,
  problemOf,
  requirementOf,
  ruleOf,
  SHA256,
  signatureBy,
  warnings,
} from './facts-fixture.ts';

const CLEAN = {
  integrity: 'pass',
  coverage: 'pass',
  authenticity: 'pass',
  revocation: 'pass',
  expiry: 'pass',
  freshness: 'pass',
  transparency: 'skip',
  binding: 'pass',
  window: 'pass',
};

test('an image that meets its rule is admitted, with nothing to tell', () => {
  const verdict = evaluate(policyOf(), imageOf(), MOMENT);
  expect(verdict).toMatchObject({
    rule: 'prod',
    mode: 'enforce',
    verdict: 'admit',
    effective: 'admit',
    waived: false,
    reasons: [],
    checks: CLEAN,
    threshold: { need: 1, have: 1, must: [], missing: [] },
  });
  expect(verdict.signers).toEqual([
    {
      name: 'alice',
      fingerprint: fingerprintOf('alice'),
      source: 'LOCAL+REMOTE',
      keyState: 'good',
      signedAt: NOW - 100 * DAY,
      firstSeen: NOW - 50 * DAY,
      objects: [1, 2],
      counts: true,
    },
  ]);
});

describe('without a policy', () => {
  test.each<[string, Policy | undefined]>([
    ['none is loaded', undefined],
    ['it ends now', policyOf({ validUntil: NOW })],
  ])('nothing can be told when %s', (_, policy) => {
    const verdict = evaluate(policy, imageOf(), MOMENT);
    expect(outcome(verdict)).toBe('undetermined POLICY_NOT_LOADED enforce');
    expect(verdict.effective).toBe('refuse');
    expect(verdict).not.toHaveProperty('rule');
  });

  test('a policy holds up to the second before its end', () => {
    expect(evaluate(policyOf({ validUntil: NOW + 1 }), imageOf(), MOMENT).verdict).toBe('admit');
  });

  test('a clock that went back does not bring a policy with an end to life again', () => {
    const verdict = evaluate(policyOf({ validUntil: NOW + 1 }), imageOf(), { ...MOMENT, clockSuspect: true });
    expect(outcome(verdict)).toBe('undetermined CLOCK_SUSPECT enforce');
    expect(verdict.effective).toBe('refuse');
  });
});

describe('an image that cannot be judged', () => {
  test.each<[ProblemCode, 'refuse' | 'undetermined']>([
    ['NOT_SIF', 'refuse'],
    ['BAD_FORMAT', 'refuse'],
    ['LIMIT', 'refuse'],
    ['EXPECTED_DIGEST_MISMATCH', 'refuse'],
    ['IO_ERROR', 'undetermined'],
    ['NO_PERMISSION', 'undetermined'],
    ['CHANGED_WHILE_READING', 'undetermined'],
    ['DEADLINE', 'undetermined'],
  ])('%s: %s, and nothing else is looked at', (code, expected) => {
    const verdict = evaluate(policyOf(), problemOf(code), MOMENT);
    expect(verdict).toMatchObject({ verdict: expected, effective: 'refuse', rule: 'prod', signers: [] });
    expect(verdict.reasons.map((reason) => reason.code)).toEqual([code]);
    expect(verdict).not.toHaveProperty('checks');
  });

  test('what cannot be told follows the rule, what is none does not', () => {
    const policy = policyOf({ rules: [ruleOf({ onUndetermined: 'admit' })] });
    expect(evaluate(policy, problemOf('IO_ERROR'), MOMENT)).toMatchObject({
      verdict: 'undetermined',
      effective: 'admit',
    });
    expect(evaluate(policy, problemOf('NOT_SIF'), MOMENT).effective).toBe('refuse');
  });

  test('audit mode admits it and keeps the verdict', () => {
    const policy = policyOf({ rules: [ruleOf({ mode: 'audit' })] });
    expect(evaluate(policy, problemOf('NOT_SIF'), MOMENT)).toMatchObject({
      verdict: 'refuse',
      effective: 'admit',
      mode: 'audit',
    });
  });
});

describe('an image that no rule is for', () => {
  const elsewhere = imageOf({ path: '/tmp/x.sif' });

  test('is refused or admitted as the policy says', () => {
    expect(outcome(evaluate(policyOf(), elsewhere, MOMENT))).toBe('refuse NO_RULE enforce');
    const open = evaluate(policyOf({ onNoMatch: 'admit' }), elsewhere, MOMENT);
    expect(outcome(open)).toBe('admit NO_RULE warn');
    expect(open.effective).toBe('admit');
  });

  test('is refused when it is denied, whatever the policy says of the others', () => {
    const policy = policyOf({ onNoMatch: 'admit', denials: [{ sha256: SHA256 }] });
    expect(outcome(evaluate(policy, elsewhere, MOMENT))).toBe('refuse DENIED_DIGEST enforce');
  });

  test('is not admitted when nobody could open it: its path may lead anywhere', () => {
    const policy = policyOf({ onNoMatch: 'admit' });
    const verdict = evaluate(policy, problemOf('NO_PERMISSION', '/tmp/x.sif'), MOMENT);
    expect(outcome(verdict)).toBe('undetermined NO_PERMISSION enforce');
    expect(verdict.effective).toBe('refuse');
    expect(evaluate(policy, problemOf('NOT_SIF', '/tmp/x.sif'), MOMENT).effective).toBe('admit');
    expect(outcome(evaluate(policyOf(), problemOf('NOT_SIF', '/tmp/x.sif'), MOMENT))).toBe(
      'refuse NO_RULE enforce',
    );
  });
});

describe('modes', () => {
  test('off: admitted, not checked, the rule is named', () => {
    const verdict = judge({ mode: 'off' }, [], { policy: { denials: [{ sha256: SHA256 }] } });
    expect(verdict).toMatchObject({
      rule: 'prod',
      mode: 'off',
      verdict: 'admit',
      effective: 'admit',
      reasons: [],
    });
    expect(verdict).not.toHaveProperty('checks');
  });

  test('audit: admitted, and what would have been is told', () => {
    const verdict = judge({ mode: 'audit' }, []);
    expect(verdict).toMatchObject({ mode: 'audit', verdict: 'refuse', effective: 'admit' });
    expect(decisive(verdict)).toContain('UNSIGNED');
  });

  test.each<Rule['mode']>(['audit', 'off'])('%s: what the caller demands is refused all the same', (mode) => {
    const policy = policyOf({ rules: [ruleOf({ mode })] });
    const image = imageOf({ binding: 'identity' });
    const verdict = evaluate(policy, image, MOMENT, { minBinding: 'store' });
    expect(outcome(verdict)).toBe('refuse BINDING_TOO_WEAK enforce');
    expect(verdict.effective).toBe('refuse');
    expect(evaluate(policy, problemOf('EXPECTED_DIGEST_MISMATCH'), MOMENT).effective).toBe('refuse');
  });
});

describe('binding', () => {
  const table: readonly [Binding, Binding, Binding | undefined, string][] = [
    ['path', 'identity', undefined, 'refuse'],
    ['identity', 'identity', undefined, 'admit'],
    ['fd', 'root-owned', undefined, 'refuse'],
    ['store', 'root-owned', undefined, 'admit'],
    ['identity', 'path', 'store', 'refuse'],
    ['identity', 'store', 'path', 'refuse'],
    ['store', 'path', 'store', 'admit'],
  ];
  test.each(table)('has %s, the rule wants %s, the caller wants %s: %s', (has, wanted, asked, expected) => {
    const policy = policyOf({ rules: [ruleOf({ minBinding: wanted })] });
    const ask = asked === undefined ? {} : { minBinding: asked };
    const verdict = evaluate(policy, imageOf({ binding: has }), MOMENT, ask);
    expect(verdict.verdict).toBe(expected);
    expect(verdict.checks?.binding).toBe(expected === 'admit' ? 'pass' : 'fail');
    expect(decisive(verdict)).toEqual(expected === 'admit' ? [] : ['BINDING_TOO_WEAK']);
  });
});

test('who is bound too weakly is told how to be bound better', () => {
  const policy = policyOf({ rules: [ruleOf({ minBinding: 'store' })] });
  expect(evaluate(policy, imageOf({ binding: 'fd' }), MOMENT).reasons[0]?.fix).toContain('vouch promote');
});

describe('actions', () => {
  test('audit-only enforces that nothing was changed and tells everything else', () => {
    const unsigned = judge({ level: 'audit-only' }, []);
    expect(unsigned).toMatchObject({ verdict: 'admit', effective: 'admit', waived: false });
    expect(warnings(unsigned)).toEqual(['UNSIGNED', 'THRESHOLD_NOT_MET']);
    const fault = { reason: 'CONTENT_CHANGED', detail: 'object 2 was changed', objectId: 2 } as const;
    const changed = judge({ level: 'audit-only' }, [signatureBy('alice', { covers: [1], fault })]);
    expect(outcome(changed)).toBe('refuse INTEGRITY_OBJECT enforce');
  });

  test('a check that is skipped says nothing', () => {
    const actions = { ...ACTIONS.strict, binding: 'skip', revocation: 'skip' } as const;
    const revocation = { hard: true, at: NOW, text: '', from: 'REMOTE' } as const;
    const verdict = judge(
      { actions, minBinding: 'store' },
      [signatureBy('alice', { maker: keyOf('alice', { revocation }) })],
      {
        content: { binding: 'path' },
      },
    );
    expect(verdict).toMatchObject({ verdict: 'admit', reasons: [] });
    expect(verdict.checks).toMatchObject({ binding: 'skip', revocation: 'skip' });
  });

  test('a rule with nobody to sign refuses everything', () => {
    expect(outcome(judge({ requirement: requirementOf([], 1) }, [signatureBy('alice')]))).toBe(
      'refuse RULE_REFUSES enforce',
    );
  });

  test('every check is told of, also after the first that fails', () => {
    const soft = { hard: false, at: NOW - 1, text: 'retired', from: 'REMOTE' } as const;
    const verdict = judge(
      { requirement: requirementOf(['alice', 'bob'], 2), minBinding: 'store' },
      [
        signatureBy('alice', { maker: keyOf('alice', { revocation: { ...soft, hard: true } }) }),
        signatureBy('bob', { maker: keyOf('bob', { expires: NOW - 90 * DAY }) }),
      ],
      { content: { binding: 'path' } },
    );
    expect(decisive(verdict)).toEqual(['KEY_REVOKED_HARD', 'KEY_EXPIRED_UNANCHORED', 'BINDING_TOO_WEAK']);
    expect(verdict.checks).toMatchObject({
      revocation: 'fail',
      expiry: 'fail',
      binding: 'fail',
      freshness: 'pass',
    });
    expect(verdict.threshold).toMatchObject({ need: 2, have: 0 });
  });
});
