import { describe, expect, test } from 'vitest';

import {
  decisive,
  fingerprintOf,
  garbageSignature,
  judge,
  keyOf,
  NOW,
  outcome,
  SHA256,
  signatureBy,
  unknownSignature,
} from './facts-fixture.ts';

describe('denials', () => {
  const denied = fingerprintOf('mallory');

  test('a digest', () => {
    const verdict = judge({}, [signatureBy('alice')], {
      policy: { denials: [{ sha256: SHA256, reason: 'SEC-91' }] },
    });
    expect(outcome(verdict)).toBe('refuse DENIED_DIGEST enforce');
    expect(verdict.reasons[0]?.text).toContain('SEC-91');
    expect(verdict.checks).toMatchObject({ coverage: 'pass', authenticity: 'pass', window: 'pass' });
  });

  test.each([
    ['claimed by a signature that is not valid', garbageSignature({ claimed: [denied] })],
    ['claimed by a signature that nobody knows', unknownSignature('mallory')],
    ['of a primary key', signatureBy('mallory', { claimed: [] })],
    ['of a subkey', signatureBy('x', { claimed: [], maker: keyOf('x', { signingKey: denied }) })],
  ])('a fingerprint %s', (_, signature) => {
    const signatures = [signatureBy('alice'), signature];
    const everywhere = judge({}, signatures, { policy: { denials: [{ fingerprint: denied }] } });
    expect(outcome(everywhere)).toBe('refuse DENIED_FINGERPRINT enforce');
    expect(outcome(judge({ deniedFingerprints: [denied] }, signatures))).toBe(
      'refuse DENIED_FINGERPRINT enforce',
    );
    expect(outcome(judge({}, signatures)).startsWith('admit')).toBe(true);
  });

  test.each([
    [NOW - 1, 'admit'],
    [NOW, 'refuse'],
    [undefined, 'refuse'],
  ])('a fingerprint since a time: made at %s, %s', (created, expected) => {
    const { created: _, ...rest } = signatureBy('alice');
    const signature = created === undefined ? rest : { ...rest, created };
    const denials = [{ fingerprint: fingerprintOf('alice'), since: NOW }];
    expect(judge({}, [signature], { policy: { denials } }).verdict).toBe(expected);
  });

  test('beat a waiver', () => {
    const waivers = [{ sha256: SHA256, rule: 'prod', until: NOW + 1, reason: 'SEC-77' }];
    const verdict = judge({}, [], { policy: { denials: [{ sha256: SHA256 }], waivers } });
    expect(verdict).toMatchObject({ verdict: 'refuse', waived: false });
    expect(decisive(verdict)[0]).toBe('DENIED_DIGEST');
  });
});
