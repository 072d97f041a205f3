import { expect, test } from 'vitest';

import type { PolicySigner } from '../../src/policy/policy.ts';
import { judge, NOW, outcome, SIGNED, signatureBy, signerOf } from './facts-fixture.ts';

const OUTSIDE = 'refuse OUTSIDE_WINDOW enforce';

test.each<[Partial<PolicySigner>, string]>([
  [{ validFrom: NOW }, 'admit'],
  [{ validFrom: NOW + 1 }, OUTSIDE],
  [{ validUntil: NOW + 1 }, 'admit'],
  [{ validUntil: NOW }, OUTSIDE],
  [{ signedAfter: SIGNED }, 'admit'],
  [{ signedAfter: SIGNED + 1 }, OUTSIDE],
  [{ signedBefore: SIGNED + 1 }, 'admit'],
  [{ signedBefore: SIGNED }, OUTSIDE],
])('starts are inside and ends outside: %j', (window, expected) => {
  const policy = { signers: [signerOf('alice', window)] };
  const verdict = judge({}, [signatureBy('alice')], { policy });
  expect(outcome(verdict)).toBe(expected);
  expect(verdict.checks?.window).toBe(expected === 'admit' ? 'pass' : 'fail');
});

test('a signature without a time is in no window of signature times', () => {
  const { created: _, ...undated } = signatureBy('alice');
  const policy = { signers: [signerOf('alice', { signedAfter: 0 })] };
  expect(outcome(judge({}, [undated], { policy }))).toBe(OUTSIDE);
  expect(judge({}, [undated]).verdict).toBe('admit');
});

test('another signature of the signer that is inside makes up for one outside', () => {
  const policy = { signers: [signerOf('alice', { signedAfter: SIGNED })] };
  const old = signatureBy('alice', { created: SIGNED - 1 });
  expect(judge({}, [old, signatureBy('alice')], { policy }).verdict).toBe('admit');
});
