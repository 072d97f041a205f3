import { describe, expect, test } from 'vitest';

import { evaluate } from '../../src/policy/evaluate.ts';
import {
  decisive,
  imageOf,
  judge,
  MOMENT,
  NOW,
  policyOf,
  problemOf,
  SHA256,
  signatureBy,
  warnings,
} from './facts-fixture.ts';

describe('a waiver', () => {
  const waiver = { sha256: SHA256, rule: 'prod', until: NOW + 1, reason: 'SEC-77' };

  test('admits what the rule refuses; what is wrong is told as warnings', () => {
    const verdict = judge({}, [], { policy: { waivers: [waiver] } });
    expect(verdict).toMatchObject({ verdict: 'admit', effective: 'admit', waived: true });
    expect(warnings(verdict)).toEqual(['WAIVED', 'UNSIGNED', 'THRESHOLD_NOT_MET']);
    expect(decisive(verdict)).toEqual([]);
    expect(verdict.checks).toMatchObject({ coverage: 'fail', authenticity: 'fail' });
  });

  test.each([
    ['it is over', { ...waiver, until: NOW }],
    ['it is for another rule', { ...waiver, rule: 'home' }],
    ['it is for other bytes', { ...waiver, sha256: 'ef'.repeat(32) }],
  ])('does nothing when %s', (_, other) => {
    expect(judge({}, [], { policy: { waivers: [other] } })).toMatchObject({
      verdict: 'refuse',
      waived: false,
    });
  });

  test('does nothing while the clock cannot be trusted', () => {
    const verdict = judge({}, [], { policy: { waivers: [waiver] }, moment: { clockSuspect: true } });
    expect(verdict.verdict).toBe('refuse');
  });

  test('is not needed by an image that meets the rule', () => {
    const verdict = judge({}, [signatureBy('alice')], { policy: { waivers: [waiver] } });
    expect(verdict).toMatchObject({ verdict: 'admit', waived: false, reasons: [] });
  });

  test('does not make an image of what is none, nor give the caller less than demanded', () => {
    const policy = policyOf({ waivers: [waiver] });
    expect(evaluate(policy, problemOf('NOT_SIF'), MOMENT).verdict).toBe('refuse');
    const image = imageOf({ signatures: [], binding: 'path' });
    expect(evaluate(policy, image, MOMENT, { minBinding: 'store' }).verdict).toBe('refuse');
  });
});
