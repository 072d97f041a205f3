import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importEcl } from '../../../src/policy/ecl/import-ecl.ts';
import { A, B, C, FOLDERS, images, keyrings, X } from './abstract-image.ts';
import type { AbstractImage } from './abstract-image.ts';
import { bareOf, runs } from './ecl-model.ts';
import type { ModelGroup, ModelList } from './ecl-model.ts';
import { imported, judge, policyOf, tomlOf } from './imported.ts';

/** ECL asks for no certain key. */
function isAnyKeyRule(group: ModelGroup | undefined): boolean {
  if (group === undefined) return false;
  return group.mode === 'blacklist' || (group.mode === 'whitestrict' && group.keys.length === 0);
}

const lists: fc.Arbitrary<ModelList> = fc.record({
  activated: fc.constantFrom(true, true, true, false),
  groups: fc.uniqueArray(
    fc.record({
      mode: fc.constantFrom<ModelGroup['mode']>('whitelist', 'whitestrict', 'blacklist'),
      dirPath: fc.constantFrom('', '/srv', '/srv', ...FOLDERS),
      keys: fc.uniqueArray(fc.constantFrom(A, A, A, B, B, C, X), { maxLength: 3 }),
    }),
    { selector: ({ dirPath }) => dirPath, minLength: 1, maxLength: 6 },
  ),
});

describe('an imported list', () => {
  it('AD28: decides as SingularityCE does, or more strictly where ECL asks for no certain key', () => {
    let admitted = 0;
    fc.assert(
      fc.property(lists, images, keyrings, (list, image, keyring) => {
        const verdict = judge(policyOf(imported(tomlOf(list), 'singularity', keyring)), image, keyring);
        const ecl = runs(list, 'singularity', image, keyring);
        if (ecl && list.activated) admitted += 1;
        const same = (verdict.effective === 'admit') === ecl;
        expect(same || (ecl && isSignedInParts(list, image))).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(admitted).toBeGreaterThan(0);
  });

  it('AD28: decides as Apptainer does, watches its blacklists, and is not kept from admitting by more signatures', () => {
    let admitted = 0;
    fc.assert(
      fc.property(lists, images, keyrings, (list, image, keyring) => {
        const verdict = judge(policyOf(imported(tomlOf(list), 'apptainer', keyring)), image, keyring);
        const ecl = runs(list, 'apptainer', image, keyring);
        if (ecl && list.activated) admitted += 1;
        const watched = list.activated && groupOf(list, image)?.mode === 'blacklist';
        const same = (verdict.effective === 'admit') === ecl;
        const stricter = ecl && isAnyKeyRule(groupOf(list, image));
        // Where the policy admits, Apptainer does too without what others have added to the image.
        const bare = !ecl && runs(list, 'apptainer', bareOf(image, keyring), keyring);
        expect(watched ? verdict.mode === 'audit' : same || stricter || bare).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(admitted).toBeGreaterThan(0);
  });
});

/** The one deviation: an image of which one key signed one group and another key the other. */
function isSignedInParts(list: ModelList, image: AbstractImage): boolean {
  return isAnyKeyRule(groupOf(list, image)) && new Set(image.objects).size > 1;
}

function groupOf({ groups }: ModelList, { path }: AbstractImage): ModelGroup | undefined {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/';
  return groups.find(({ dirPath }) => dirPath === folder) ?? groups.find(({ dirPath }) => dirPath === '');
}

describe('the text of an imported policy', () => {
  it('survives hostile labels and user IDs', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 });
    fc.assert(
      fc.property(text, text, (label, userId) => {
        const group = { tagName: label, mode: 'whitelist' as const, dirPath: '/srv', keys: [A] };
        const ecl = { activated: true, legacyInsecure: false, groups: [group], warnings: [] };
        const keyring = [{ fingerprint: A, names: [`${userId}\n[[signer]]`], state: 'good' as const }];
        const policy = policyOf(importEcl(ecl, { flavour: 'singularity', keyring, acceptLegacy: false }));
        expect(policy.signers.size).toBe(1);
        expect(policy.rules).toHaveLength(1);
      }),
    );
  });

  it('gives signers the names in their user IDs, none twice', () => {
    const names = [
      ['Alice Example <alice@x.org>'],
      ['ALICE example (work)'],
      ['<bob@x.org>'],
      ['global-keyring'],
    ];
    const keyring = names.map((one, i) => ({
      fingerprint: String(i).repeat(40),
      names: one,
      state: 'good' as const,
    }));
    const group = { tagName: '', mode: 'whitestrict' as const, dirPath: '', keys: [] };
    const ecl = {
      activated: true,
      legacyInsecure: false,
      groups: [group, { ...group, dirPath: '/a' }],
      warnings: [],
    };
    const policy = policyOf(importEcl(ecl, { flavour: 'singularity', keyring, acceptLegacy: false }));
    expect([...policy.signers.keys()]).toEqual([
      'alice-example',
      'alice-example-2',
      'bob',
      'global-keyring-2',
    ]);
    expect(policy.rules.map(({ name }) => name)).toEqual(['group-1', 'group-2']);
  });

  it('says which keys are not in the keyring, and which are no good', () => {
    const text = tomlOf({ activated: true, groups: [{ mode: 'whitelist', dirPath: '', keys: [A, X] }] });
    const { notes } = imported(text, 'singularity', [{ fingerprint: A, state: 'revoked' }]);
    expect(notes.join('\n')).toMatch(new RegExp(`${A} is revoked`));
    expect(notes.join('\n')).toMatch(new RegExp(`${X} is not in the global keyring`));
  });
});
