import { describe, expect, test } from 'vitest';

import type { InvalidReason } from '../../src/integrity/report.ts';
import type { ObjectFact } from '../../src/policy/facts.ts';
import type { ObjectSelection } from '../../src/policy/policy.ts';
import {
  decisive,
  garbageSignature,
  judge,
  outcome,
  requirementOf,
  signatureBy,
  unknownSignature,
  warnings,
} from './facts-fixture.ts';

const definition: ObjectFact = { id: 1, group: 1, type: 'Def.FILE', primary: false };
const partition: ObjectFact = { id: 2, group: 1, type: 'FS', primary: true };
const overlay: ObjectFact = { id: 4, group: 2, type: 'FS', primary: false };
const loose: ObjectFact = { id: 5, type: 'Generic', primary: false };

describe('nothing to rely on', () => {
  test.each([
    ['an image without objects', { objects: [], faults: [{ code: 'NO_OBJECTS' }] }, 'UNSIGNED'],
    ['an image without groups', { objects: [loose], faults: [{ code: 'NO_GROUPS' }] }, 'UNSIGNED'],
    ['an image without signatures', {}, 'UNSIGNED'],
    ['S7.6: an image with legacy signatures only', { legacySignatures: 2 }, 'UNSIGNED'],
  ] as const)('%s is refused', (_, content, code) => {
    const verdict = judge({}, [], { content });
    expect(outcome(verdict)).toBe(`refuse ${code} enforce`);
    expect(verdict.checks).toMatchObject({ coverage: 'fail', authenticity: 'fail', integrity: 'pass' });
  });

  test.each<ObjectSelection>([
    { kind: 'primary' },
    { kind: 'groups', groups: [7] },
    { kind: 'types', types: ['Env.Vars'] },
  ])(
    'an image that has none of the objects asked for is refused, however well it is signed: $kind',
    (objects) => {
      const verdict = judge({ objects }, [signatureBy('alice', { covers: [1] })], {
        content: { objects: [definition] },
      });
      expect(outcome(verdict)).toBe('refuse UNSIGNED enforce');
      expect(verdict.threshold?.have).toBe(0);
    },
  );
});

describe('AD7, CVE-2020-13846: an object that nobody signed', () => {
  test('in a group of its own', () => {
    const verdict = judge({}, [signatureBy('alice')], {
      content: { objects: [definition, partition, overlay] },
    });
    expect(decisive(verdict)).toEqual(['UNSIGNED_OBJECT', 'THRESHOLD_NOT_MET']);
    expect(verdict.reasons[0]).toMatchObject({ objectId: 4, check: 'coverage' });
    expect(verdict.reasons[1]?.text).toContain('alice did not sign object 4');
  });

  test('in the signed group', () => {
    const fault = { reason: 'OBJECT_NOT_SIGNED', detail: 'object 3 is not covered', objectId: 3 } as const;
    const verdict = judge({}, [signatureBy('alice', { covers: [], fault })], {
      content: { objects: [definition, partition, { ...definition, id: 3 }] },
    });
    expect(decisive(verdict)).toEqual(['UNSIGNED_OBJECT', 'THRESHOLD_NOT_MET']);
    expect(verdict.reasons[0]).toMatchObject({ objectId: 3, check: 'coverage' });
  });

  test('in no group', () => {
    const content = {
      objects: [definition, partition, loose],
      faults: [{ code: 'UNGROUPED_OBJECT', objectId: 5 }] as const,
    };
    const verdict = judge({}, [signatureBy('alice')], { content });
    expect(verdict.reasons[0]).toMatchObject({ code: 'UNSIGNED_OBJECT', objectId: 5 });
    expect(judge({ objects: { kind: 'primary' } }, [signatureBy('alice')], { content }).verdict).toBe(
      'admit',
    );
  });

  test('does not matter to a rule that does not ask for it', () => {
    const content = { objects: [definition, partition, overlay] };
    const selections: readonly ObjectSelection[] = [
      { kind: 'primary' },
      { kind: 'groups', groups: [1] },
      { kind: 'types', types: ['Def.FILE'] },
    ];
    for (const objects of selections) {
      expect(judge({ objects }, [signatureBy('alice')], { content }).verdict).toBe('admit');
    }
    const both = { kind: 'groups', groups: [1, 2] } as const;
    expect(judge({ objects: both }, [signatureBy('alice')], { content }).verdict).toBe('refuse');
  });
});

describe('something that is not as it was signed', () => {
  test.each<[InvalidReason, string]>([
    ['HEADER_CHANGED', 'INTEGRITY_HEADER'],
    ['DESCRIPTOR_CHANGED', 'INTEGRITY_OBJECT'],
    ['CONTENT_CHANGED', 'INTEGRITY_OBJECT'],
    ['OBJECT_MISSING', 'INTEGRITY_OBJECT'],
  ])('CVE-2020-13847: %s is refused', (reason, code) => {
    const fault = { reason, detail: 'it differs', objectId: 2 };
    const verdict = judge({}, [signatureBy('alice', { covers: [1], fault })]);
    expect(outcome(verdict)).toBe(`refuse ${code} enforce`);
    expect(decisive(verdict)).toEqual([code, 'THRESHOLD_NOT_MET']);
    expect(verdict.checks).toMatchObject({ integrity: 'fail', coverage: 'fail' });
    expect(verdict.signers).toEqual([]);
  });

  test('is told once, however many signatures say so', () => {
    const fault = { reason: 'CONTENT_CHANGED', detail: 'object 2 was changed', objectId: 2 } as const;
    const changed = ['alice', 'bob'].map((name) => signatureBy(name, { covers: [1], fault }));
    const verdict = judge({ requirement: requirementOf(['alice', 'bob'], 2) }, changed);
    expect(decisive(verdict)).toEqual(['INTEGRITY_OBJECT', 'THRESHOLD_NOT_MET']);
  });

  test('AD8: according to a signature that anybody may have added is not so when a sound one says otherwise', () => {
    const fault = { reason: 'CONTENT_CHANGED', detail: 'object 2 was changed', objectId: 2 } as const;
    const verdict = judge({}, [unknownSignature('bob', { covers: [], fault }), signatureBy('alice')]);
    expect(verdict.verdict).toBe('admit');
    expect(verdict.checks).toMatchObject({ integrity: 'pass', coverage: 'pass', authenticity: 'pass' });
    expect(warnings(verdict)).toEqual(['SIG_INVALID']);
  });
});

describe('signatures that are worth nothing', () => {
  test.each<[InvalidReason, string]>([
    ['WEAK_HASH', 'SIG_WEAK_HASH'],
    ['SIGNATURE_FROM_FUTURE', 'SIG_FUTURE'],
    ['BAD_SIGNATURE', 'SIG_INVALID'],
    ['BAD_FORMAT', 'SIG_INVALID'],
    ['BAD_METADATA', 'SIG_INVALID'],
    ['TOO_MANY', 'SIG_INVALID'],
    ['SIGNATURE_EXPIRED', 'SIG_INVALID'],
    ['WRONG_FINGERPRINT', 'SIG_INVALID'],
  ])('%s', (reason, code) => {
    const fault = { reason, detail: 'it is so' };
    const verdict = judge({}, [signatureBy('alice', { fault })]);
    expect(outcome(verdict)).toBe(`refuse ${code} enforce`);
    expect(verdict.checks).toMatchObject({ integrity: 'pass', coverage: 'fail', authenticity: 'fail' });
  });

  test('AD9, CVE-2022-39237: a signature with SHA-1 does not count, also beside a sound one of somebody else', () => {
    const fault = { reason: 'WEAK_HASH', detail: 'SHA-1' } as const;
    const weak = signatureBy('alice', { fault });
    const verdict = judge({}, [weak, signatureBy('bob')]);
    expect(outcome(verdict)).toBe('refuse SIG_WEAK_HASH enforce');
    expect(verdict.checks).toMatchObject({ coverage: 'pass', authenticity: 'fail' });
  });

  test('garbage alone', () => {
    expect(outcome(judge({}, [garbageSignature()]))).toBe('refuse SIG_INVALID enforce');
  });
});
