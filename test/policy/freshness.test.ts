import { describe, expect, test } from 'vitest';

import type { KeystoreStanding, SignatureFact } from '../../src/policy/facts.ts';
import type { ImageVerdict } from '../../src/policy/verdict.ts';
import {
  DAY,
  decisive,
  HOUR,
  judge,
  keyOf,
  NOW,
  outcome,
  requirementOf,
  signatureBy,
  signerOf,
  STALENESS,
  standingOf,
  warnings,
} from './facts-fixture.ts';

function signed(name: string, standing: KeystoreStanding, more: Partial<SignatureFact> = {}): SignatureFact {
  return signatureBy(name, { maker: keyOf(name, { standing }), ...more });
}

function silentFor(seconds: number): KeystoreStanding {
  return standingOf({ lastAnswer: NOW - seconds, lastPresent: NOW - seconds });
}

function goneFor(seconds: number): KeystoreStanding {
  return standingOf({ vanished: true, lastPresent: NOW - seconds });
}

const NEVER: KeystoreStanding = {
  asked: true,
  vanished: false,
  rollback: false,
  conflict: false,
};

describe('AD13: a keystore that does not answer', () => {
  test.each<[string, KeystoreStanding, string, string]>([
    ['a second less than is allowed', silentFor(STALENESS - 1), 'admit', 'admit'],
    ['as long as is allowed', silentFor(STALENESS), 'undetermined KEY_STALE enforce', 'admit KEY_STALE warn'],
    ['a second more', silentFor(STALENESS + 1), 'undetermined KEY_STALE enforce', 'admit KEY_STALE warn'],
    ['ever since', NEVER, 'undetermined KEY_STALE enforce', 'admit KEY_STALE warn'],
    ['and none is configured', { ...NEVER, asked: false }, 'admit', 'admit'],
  ])('%s', (_, standing, strict, permissive) => {
    expect(outcome(judge({}, [signed('alice', standing)]))).toBe(strict);
    expect(outcome(judge({ level: 'permissive' }, [signed('alice', standing)]))).toBe(permissive);
  });

  test('the rule says what becomes of what cannot be told', () => {
    const stale = [signed('alice', silentFor(STALENESS))];
    expect(judge({}, stale)).toMatchObject({ verdict: 'undetermined', effective: 'refuse' });
    expect(judge({ onUndetermined: 'admit' }, stale)).toMatchObject({
      verdict: 'undetermined',
      effective: 'admit',
    });
    expect(judge({ mode: 'audit' }, stale)).toMatchObject({ verdict: 'undetermined', effective: 'admit' });
  });

  test('does not matter to a signer whose keys come from files only', () => {
    const signers = [signerOf('alice', { origins: ['local'] })];
    const verdict = judge({}, [signed('alice', silentFor(STALENESS))], { policy: { signers } });
    expect(verdict).toMatchObject({ verdict: 'admit', reasons: [] });
  });

  test('does not matter when enough others are fresh', () => {
    const requirement = requirementOf(['alice', 'bob']);
    const verdict = judge({ requirement }, [signed('alice', silentFor(STALENESS)), signatureBy('bob')]);
    expect(outcome(verdict)).toBe('admit KEY_STALE warn');
    expect(verdict.checks?.freshness).toBe('pass');
  });

  test('does not hide that the answer is no', () => {
    const signers = [signerOf('alice', { validUntil: NOW })];
    const verdict = judge({}, [signed('alice', silentFor(STALENESS))], { policy: { signers } });
    expect(verdict.verdict).toBe('refuse');
    expect(verdict.checks).toMatchObject({ freshness: 'undetermined', window: 'fail' });
  });

  test('keeps an answer open that would be yes with the stale signer and no without', () => {
    const signers = [signerOf('alice'), signerOf('bob', { validUntil: NOW })];
    const verdict = judge(
      { requirement: requirementOf(['alice', 'bob']) },
      [signed('alice', silentFor(STALENESS)), signatureBy('bob')],
      { policy: { signers } },
    );
    expect(outcome(verdict)).toBe('undetermined KEY_STALE enforce');
    expect(decisive(verdict)).toEqual(['KEY_STALE']);
    expect(warnings(verdict)).toEqual(['OUTSIDE_WINDOW']);
    expect(verdict.threshold?.have).toBe(0);
  });
});

describe('AD14: a key that is gone from the keystore', () => {
  const held = { signers: [signerOf('alice', { origins: ['keystore'] })] };
  const demanded = { signers: [signerOf('alice', { origins: ['keystore'], requirePresent: true })] };

  /** Nobody has it any more, as when it only ever came from the keystore. */
  function gone(seconds: number): SignatureFact {
    const maker = keyOf('alice', { local: false, remote: false, standing: goneFor(seconds) });
    return signatureBy('alice', { maker });
  }

  test.each<[number, string]>([
    [STALENESS - 1, 'admit KEY_VANISHED warn'],
    [STALENESS, 'undetermined KEY_STALE enforce'],
  ])('for %s seconds', (seconds, expected) => {
    const verdict = judge({}, [gone(seconds)], { policy: held });
    expect(outcome(verdict)).toBe(expected);
    expect(verdict.signers[0]?.source).toBe('SEEN');
  });

  test('is borne with a warning by a permissive rule', () => {
    const verdict = judge({ level: 'permissive' }, [gone(STALENESS)], { policy: held });
    expect(outcome(verdict)).toBe('admit KEY_STALE warn');
  });

  test('refuses at once when it has to be there', () => {
    expect(outcome(judge({}, [gone(HOUR)], { policy: demanded }))).toBe('refuse KEY_VANISHED enforce');
  });

  test('has to be there: it never was', () => {
    const { lastPresent: _, ...standing } = standingOf();
    const verdict = judge({}, [signed('alice', standing)], { policy: demanded });
    expect(outcome(verdict)).toBe('refuse KEY_VANISHED enforce');
    expect(judge({}, [signed('alice', standing)]).verdict).toBe('admit');
  });

  test('has to be there: nobody could be asked', () => {
    const verdict = judge({}, [signed('alice', silentFor(STALENESS))], { policy: demanded });
    expect(outcome(verdict)).toBe('undetermined KEY_STALE enforce');
  });
});

describe('a keystore that cannot be trusted', () => {
  test.each([
    ['AD12: gives less than before', standingOf({ rollback: true }), 'KEYSTORE_ROLLBACK'],
    ['AD15: gives another certificate', standingOf({ conflict: true }), 'KEYSTORE_CONFLICT'],
  ])('%s: is told and changes nothing', (_, standing, code) => {
    expect(outcome(judge({}, [signed('alice', standing)]))).toBe(`admit ${code} warn`);
  });

  test('AD12: the revocation that was seen still refuses', () => {
    const revocation = { hard: true, at: NOW - DAY, text: '', from: 'seen' } as const;
    const maker = keyOf('alice', { revocation, standing: standingOf({ rollback: true }) });
    const verdict = judge({}, [signatureBy('alice', { maker })]);
    expect(outcome(verdict)).toBe('refuse KEY_REVOKED_HARD enforce');
    expect(warnings(verdict)).toEqual(['KEYSTORE_ROLLBACK']);
  });
});

describe('AD17: a clock that went back', () => {
  const moment = { clockSuspect: true };
  const timed = (verdict: ImageVerdict): unknown => {
    const { expiry, freshness, window } = verdict.checks ?? {};
    return [expiry, freshness, window];
  };

  test('leaves open what depends on the time', () => {
    const verdict = judge({}, [signatureBy('alice')], { moment });
    expect(outcome(verdict)).toBe('undetermined CLOCK_SUSPECT enforce');
    expect(verdict.reasons).toHaveLength(1);
    expect(timed(verdict)).toEqual(['undetermined', 'undetermined', 'undetermined']);
  });

  test('is only told by a permissive rule', () => {
    const verdict = judge({ level: 'permissive' }, [signatureBy('alice')], { moment });
    expect(outcome(verdict)).toBe('admit CLOCK_SUSPECT warn');
  });

  test('does not make an expired key good again', () => {
    const maker = keyOf('alice', { expires: NOW - DAY });
    const expired = [signatureBy('alice', { maker })];
    const verdict = judge({ semantics: 'strict', level: 'permissive' }, expired, { moment });
    expect(verdict.verdict).toBe('refuse');
    expect(timed(verdict)).toEqual(['fail', 'undetermined', 'undetermined']);
  });

  test('does not open what is closed for other reasons', () => {
    expect(judge({}, [], { moment }).verdict).toBe('refuse');
  });
});
