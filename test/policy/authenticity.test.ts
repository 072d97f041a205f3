import { describe, expect, test } from 'vitest';

import type { SignatureFact } from '../../src/policy/facts.ts';
import type { PolicySigner } from '../../src/policy/policy.ts';
import {
  decisive,
  fingerprintOf,
  garbageSignature,
  judge,
  keyOf,
  NOW,
  outcome,
  requirementOf,
  signatureBy,
  signerOf,
  standingOf,
  unknownSignature,
  warnings,
} from './facts-fixture.ts';

const TWO = { requirement: requirementOf(['alice', 'bob', 'carol'], 2) };

describe('who counts', () => {
  test('AD6, CVE-2020-13845: not who is only named; the key that made the signature is another one', () => {
    const claimed = [fingerprintOf('alice')];
    const forged = [
      unknownSignature('mallory', { claimed }),
      signatureBy('mallory', { claimed }),
      garbageSignature({ claimed }),
    ];
    for (const signature of forged) {
      const verdict = judge({}, [signature]);
      expect(verdict.verdict).toBe('refuse');
      expect(verdict.threshold?.have).toBe(0);
      expect(verdict.signers.filter(({ name }) => name === 'alice')).toEqual([]);
    }
    expect(outcome(judge({}, [unknownSignature('mallory', { claimed })]))).toBe(
      'refuse SIGNER_UNKNOWN enforce',
    );
  });

  test('a signature by a key that the rule does not name counts for nobody, and is named', () => {
    const verdict = judge({}, [signatureBy('bob'), signatureBy('stranger')]);
    expect(decisive(verdict)).toEqual(['THRESHOLD_NOT_MET']);
    expect(verdict.reasons[0]?.text).toContain(fingerprintOf('stranger'));
    expect(verdict.signers.map(({ name, counts }) => [name, counts])).toEqual([
      ['bob', false],
      [undefined, false],
    ]);
  });

  test('AD10: two keys of one signer are one signer', () => {
    const alice = signerOf('alice', { keys: [fingerprintOf('alice'), fingerprintOf('alice’s other key')] });
    const signatures = [signatureBy('alice'), signatureBy('alice’s other key')];
    const policy = { signers: [alice, signerOf('bob'), signerOf('carol')] };
    const verdict = judge(TWO, signatures, { policy });
    expect(outcome(verdict)).toBe('refuse THRESHOLD_NOT_MET enforce');
    expect(verdict.threshold).toMatchObject({ need: 2, have: 1 });
    expect(judge(TWO, [...signatures, signatureBy('bob')], { policy }).verdict).toBe('admit');
  });

  test('S7.6: the same signature twice is one signer', () => {
    expect(judge(TWO, [signatureBy('alice'), signatureBy('alice')]).threshold).toMatchObject({ have: 1 });
  });

  test.each<[Partial<PolicySigner>, boolean, boolean, string]>([
    [{ origins: ['local'] }, true, false, 'admit'],
    [{ origins: ['local'] }, false, true, 'refuse KEY_MISSING enforce'],
    [{ origins: ['local'] }, false, false, 'refuse KEY_MISSING enforce'],
    [{ origins: ['keystore'] }, false, true, 'admit'],
    [{ origins: ['keystore'] }, true, false, 'refuse KEY_MISSING enforce'],
    [{ origins: ['local', 'keystore'] }, false, true, 'admit'],
    [{ origins: ['local', 'keystore'] }, false, false, 'refuse KEY_MISSING enforce'],
  ])('keys from %j, held locally %s, by the keystore %s: %s', (signer, local, remote, expected) => {
    const policy = { signers: [signerOf('alice', signer)] };
    const maker = keyOf('alice', { local, remote });
    expect(outcome(judge({}, [signatureBy('alice', { maker })], { policy }))).toBe(expected);
  });

  test('a key that is gone from the keystore does not count for who takes it from files', () => {
    const policy = { signers: [signerOf('alice', { origins: ['local'] })] };
    const maker = keyOf('alice', { local: false, remote: false, standing: standingOf({ vanished: true }) });
    expect(outcome(judge({}, [signatureBy('alice', { maker })], { policy }))).toBe(
      'refuse KEY_MISSING enforce',
    );
  });
});

describe('how many are needed', () => {
  test.each<[readonly string[], number, readonly string[], string]>([
    [['alice'], 1, [], 'admit'],
    [['alice'], 2, [], 'refuse THRESHOLD_NOT_MET enforce'],
    [['alice', 'bob'], 2, [], 'admit'],
    [['alice', 'bob'], 3, [], 'refuse THRESHOLD_NOT_MET enforce'],
    [['alice', 'bob'], 2, ['carol'], 'refuse MUST_SIGNER_MISSING enforce'],
    [['alice', 'carol'], 2, ['carol'], 'admit'],
    [['carol'], 1, ['carol'], 'admit'],
    [['dave'], 1, [], 'refuse THRESHOLD_NOT_MET enforce'],
  ])('signed by %j, %i needed, %j must: %s', (names, threshold, must, expected) => {
    const rule = { requirement: requirementOf(['alice', 'bob', 'carol'], threshold, must) };
    expect(
      outcome(
        judge(
          rule,
          names.map((name) => signatureBy(name)),
        ),
      ),
    ).toBe(expected);
  });

  test('nobody meets a threshold of none, which no policy file has', () => {
    expect(judge({ requirement: requirementOf(['alice'], 0) }, [signatureBy('bob')]).verdict).toBe('refuse');
  });

  test('the explanation says who is missing', () => {
    const verdict = judge(TWO, [signatureBy('alice')]);
    expect(verdict.reasons[0]?.text).toBe('2 of alice, bob, carol have to sign, and 1 did: alice');
    expect(verdict.reasons[0]?.fix).toBe('have the image signed by 1 more of bob, carol');
  });
});

describe('several groups', () => {
  const objects = [
    { id: 1, group: 1, type: 'Def.FILE', primary: false },
    { id: 2, group: 1, type: 'FS', primary: true },
    { id: 5, group: 2, type: 'FS', primary: false },
  ];
  const second = { group: 2, covers: [5] };

  test('S7.6: two signatures of one key cover both', () => {
    const verdict = judge({}, [signatureBy('alice'), signatureBy('alice', second)], { content: { objects } });
    expect(verdict.verdict).toBe('admit');
    expect(verdict.signers.map((signer) => signer.objects)).toEqual([[1, 2, 5]]);
  });

  test('S7.6: group 1 by one and group 2 by another is everything by nobody', () => {
    const verdict = judge(
      { requirement: requirementOf(['alice', 'bob']) },
      [signatureBy('alice'), signatureBy('bob', second)],
      {
        content: { objects },
      },
    );
    expect(outcome(verdict)).toBe('refuse THRESHOLD_NOT_MET enforce');
    expect(verdict.checks).toMatchObject({ coverage: 'pass', authenticity: 'fail' });
    expect(verdict.reasons[0]?.text).toContain('alice did not sign object 5; bob did not sign objects 1, 2');
  });

  test('group 1 and group 2 by two keys of one signer is not everything by one key', () => {
    const alice = signerOf('alice', { keys: [fingerprintOf('alice'), fingerprintOf('other')] });
    const verdict = judge({}, [signatureBy('alice'), signatureBy('other', second)], {
      content: { objects },
      policy: { signers: [alice] },
    });
    expect(verdict.verdict).toBe('refuse');
    expect(verdict.reasons[0]?.text).toContain('with different keys');
  });

  test('S7.6: an unsigned group 2 refuses', () => {
    expect(outcome(judge({}, [signatureBy('alice')], { content: { objects } }))).toBe(
      'refuse UNSIGNED_OBJECT enforce',
    );
  });
});

describe('S7.6, AD8: other signatures beside a good one', () => {
  const revocation = { hard: true, at: NOW, text: 'leaked', from: 'REMOTE' } as const;
  const table: readonly [string, SignatureFact, string, readonly string[]][] = [
    ['another good one', signatureBy('bob'), 'admit', []],
    ['one that nobody knows', unknownSignature('nobody'), 'refuse', ['SIGNER_UNKNOWN']],
    ['garbage', garbageSignature(), 'refuse', ['SIG_INVALID']],
    [
      'one with a key of DSSE',
      unknownSignature('x', { format: 'dsse', claimed: [] }),
      'refuse',
      ['SIGNER_UNKNOWN'],
    ],
    ['one from the future', signatureBy('bob', { created: NOW + 301 }), 'refuse', ['SIG_FUTURE']],
    [
      'one by a key that may not sign',
      signatureBy('bob', { maker: keyOf('bob', { cannotSign: 'no' }) }),
      'refuse',
      ['SIG_INVALID'],
    ],
    ['one by a revoked key', signatureBy('x', { maker: keyOf('x', { revocation }) }), 'refuse', []],
    ['one by an expired key', signatureBy('x', { maker: keyOf('x', { expires: NOW }) }), 'refuse', []],
  ];
  test.each(table)('%s', (_, extra, whenRefused, told) => {
    for (const signatures of [
      [signatureBy('alice'), extra],
      [extra, signatureBy('alice')],
    ]) {
      const ignored = judge({ extraSignatures: 'ignore' }, signatures);
      expect(ignored.verdict).toBe('admit');
      expect(warnings(ignored)).toEqual(told);
      const strict = judge({ extraSignatures: 'refuse' }, signatures);
      expect(strict.verdict).toBe(whenRefused);
      expect(decisive(strict)).toEqual(whenRefused === 'admit' ? [] : ['SIG_EXTRA_INVALID']);
      expect(strict.checks?.authenticity).toBe(whenRefused === 'admit' ? 'pass' : 'fail');
    }
  });

  test('legacy signatures beside a modern one are neither good nor bad', () => {
    const content = { legacySignatures: 1 };
    expect(judge({ extraSignatures: 'refuse' }, [signatureBy('alice')], { content }).verdict).toBe('admit');
  });

  test('a signature that nobody knows admits nothing by itself', () => {
    const verdict = judge({}, [unknownSignature('nobody')]);
    expect(outcome(verdict)).toBe('refuse SIGNER_UNKNOWN enforce');
    expect(decisive(verdict)).toEqual(['SIGNER_UNKNOWN', 'THRESHOLD_NOT_MET']);
  });

  test('what others added does not stand before what is missing', () => {
    const verdict = judge(TWO, [signatureBy('alice'), garbageSignature(), unknownSignature('nobody')]);
    expect(decisive(verdict)).toEqual(['THRESHOLD_NOT_MET']);
    expect(warnings(verdict)).toEqual(['SIG_INVALID', 'SIGNER_UNKNOWN']);
  });
});
