import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../src/policy/error.ts';
import { importEcl } from '../../../src/policy/ecl/import-ecl.ts';
import { parseEcl } from '../../../src/policy/ecl/parse-ecl.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { A, B, factsOf, NOW, X } from './abstract-image.ts';
import type { AbstractImage, AbstractKey, AbstractSignature } from './abstract-image.ts';
import { runs } from './ecl-model.ts';
import type { Flavour, ModelGroup, ModelList } from './ecl-model.ts';
import { imported, judge, policyOf, tomlOf } from './imported.ts';

const FLAVOURS: readonly Flavour[] = ['singularity', 'apptainer'];

const GOOD: readonly AbstractKey[] = [A, B].map((fingerprint) => ({ fingerprint, state: 'good' }));

/** An image of two objects in `/srv`; `signers` as `A`, `B` for both groups. */
function imageOf(
  signatures: readonly AbstractSignature[],
  objects: readonly number[] = [1, 1],
): AbstractImage {
  return { path: '/srv/image.sif', objects, signatures };
}

function signed(...keys: readonly string[]): AbstractSignature[] {
  return keys.map((claims) => ({ group: 1, claims, kind: 'good' }));
}

interface Row {
  readonly what: string;
  readonly image: AbstractImage;
  readonly keyring?: readonly AbstractKey[];
  /** `+` admitted, `-` refused, `~` refused where Apptainer admits, `w` watched where Apptainer admits. */
  readonly singularity: string;
  readonly apptainer: string;
}

/* The three lists of every row: whitelist A, whitestrict A and B, blacklist B. */
const LISTS: readonly ModelGroup[] = [
  { mode: 'whitelist', dirPath: '/srv', keys: [A] },
  { mode: 'whitestrict', dirPath: '/srv', keys: [A, B] },
  { mode: 'blacklist', dirPath: '/srv', keys: [B] },
];

const expired: readonly AbstractKey[] = [
  { fingerprint: A, state: 'expired' },
  { fingerprint: B, state: 'good' },
];
const revoked: readonly AbstractKey[] = [
  { fingerprint: A, state: 'revoked' },
  { fingerprint: B, state: 'good' },
];

const ROWS: readonly Row[] = [
  { what: 'unsigned', image: imageOf([]), singularity: '---', apptainer: '---' },
  { what: 'signed by A', image: imageOf(signed(A)), singularity: '+-+', apptainer: '+-+' },
  { what: 'signed by A and B', image: imageOf(signed(A, B)), singularity: '++-', apptainer: '++-' },
  {
    what: 'in a folder that no group is for',
    image: { ...imageOf(signed(A, B)), path: '/srv/sub/image.sif' },
    singularity: '---',
    apptainer: '---',
  },
  {
    what: 'in a folder whose name begins alike',
    image: { ...imageOf(signed(A, B)), path: '/srv2/image.sif' },
    singularity: '---',
    apptainer: '---',
  },
  {
    what: 'signed by A, whom the global keyring does not have',
    image: imageOf(signed(A)),
    keyring: [{ fingerprint: B, state: 'good' }],
    singularity: '---',
    apptainer: '--w',
  },
  {
    what: 'signed by A and by a key that nobody knows',
    image: imageOf(signed(A, X)),
    singularity: '---',
    apptainer: '+-+',
  },
  {
    what: 'group 1 signed by A and group 2 by B',
    image: imageOf([...signed(A), { group: 2, claims: B, kind: 'good' }], [1, 2]),
    singularity: '---',
    apptainer: '---',
  },
  {
    what: 'group 1 signed by A and group 2 not at all',
    image: imageOf(signed(A), [1, 2]),
    singularity: '---',
    apptainer: '---',
  },
  {
    what: 'signed by A, expired',
    image: imageOf(signed(A)),
    keyring: expired,
    singularity: '---',
    apptainer: '--w',
  },
  {
    what: 'signed by A, revoked',
    image: imageOf(signed(A)),
    keyring: revoked,
    singularity: '---',
    apptainer: '--w',
  },
  {
    what: 'with an object in no group',
    image: imageOf(signed(A, B), [1, 0]),
    singularity: '---',
    apptainer: '---',
  },
  {
    what: 'with a descriptor that names A on a signature that A did not make',
    image: imageOf([{ group: 1, claims: A, kind: 'garbage' }]),
    singularity: '---',
    apptainer: '--w',
  },
  {
    what: 'changed after A and B signed it',
    image: imageOf(signed(A, B).map((one) => ({ ...one, kind: 'changed' }))),
    singularity: '---',
    apptainer: '---',
  },
];

describe.each(FLAVOURS)('an imported list of %s', (flavour) => {
  it.each(ROWS)('AD28: with an image $what decides as the tool, in all three modes', (row) => {
    const { keyring = GOOD } = row;
    const said = LISTS.map((group) => {
      const list = { activated: true, groups: [group] };
      const verdict = judge(policyOf(imported(tomlOf(list), flavour, keyring)), row.image, keyring);
      const ecl = runs(list, flavour, row.image, keyring);
      if (verdict.verdict === 'admit') return ecl ? '+' : '!';
      if (!ecl) return '-';
      return verdict.mode === 'audit' ? 'w' : '~';
    });
    expect(said.join('')).toBe(row[flavour]);
  });

  it('AD28: with a DSSE signature beside that of A: SingularityCE refuses, a policy need not', () => {
    const both = imageOf([...signed(A), { group: 1, claims: A, kind: 'dsse' }]);
    const list: ModelList = { activated: true, groups: LISTS.slice(0, 1) };
    expect(runs(list, flavour, both, GOOD)).toBe(false);
    const { effective } = judge(policyOf(imported(tomlOf(list), flavour, GOOD)), both, GOOD);
    expect(effective).toBe(flavour === 'singularity' ? 'refuse' : 'admit');
  });

  it('AD28: a whitelist without keys refuses everything', () => {
    const list: ModelList = { activated: true, groups: [{ mode: 'whitelist', dirPath: '', keys: [] }] };
    expect(runs(list, flavour, imageOf(signed(A)), GOOD)).toBe(false);
    const { effective, reasons } = judge(
      policyOf(imported(tomlOf(list), flavour, GOOD)),
      imageOf(signed(A)),
      GOOD,
    );
    expect(effective).toBe('refuse');
    expect(reasons[0]?.code).toBe('RULE_REFUSES');
  });

  it('AD28: a whitestrict without keys takes any key of the global keyring', () => {
    const list: ModelList = { activated: true, groups: [{ mode: 'whitestrict', dirPath: '', keys: [] }] };
    const policy = policyOf(imported(tomlOf(list), flavour, GOOD));
    expect(judge(policy, imageOf(signed(B)), GOOD).effective).toBe('admit');
    expect(judge(policy, imageOf(signed(X)), GOOD).effective).toBe('refuse');
  });

  it('AD28: with an empty global keyring nothing runs', () => {
    for (const group of [...LISTS, { mode: 'whitestrict', dirPath: '', keys: [] } as const]) {
      const made = imported(tomlOf({ activated: true, groups: [group] }), flavour, []);
      expect(judge(policyOf(made), imageOf(signed(A, B)), []).verdict).toBe('refuse');
    }
  });

  it('AD28: one fingerprint in two cases is one key', () => {
    const text = tomlOf({
      activated: true,
      groups: [{ mode: 'whitestrict', dirPath: '', keys: [A, A.toLowerCase()] }],
    });
    expect(judge(policyOf(imported(text, flavour, GOOD)), imageOf(signed(A)), GOOD).effective).toBe('admit');
  });

  it('AD28: an exact folder wins over the group without folder, whatever their order', () => {
    const groups: ModelGroup[] = [
      { mode: 'whitelist', dirPath: '', keys: [A] },
      { mode: 'whitelist', dirPath: '/srv', keys: [B] },
    ];
    for (const ordered of [groups, groups.toReversed()]) {
      const policy = policyOf(imported(tomlOf({ activated: true, groups: ordered }), flavour, GOOD));
      expect(judge(policy, imageOf(signed(A)), GOOD).effective).toBe('refuse');
      expect(judge(policy, { ...imageOf(signed(A)), path: '/srv/sub/image.sif' }, GOOD).effective).toBe(
        'admit',
      );
    }
  });

  it('AD28: a list that is off refuses nothing and tells what it would', () => {
    const made = imported(
      tomlOf({ activated: false, groups: [{ mode: 'whitelist', dirPath: '', keys: [A] }] }),
      flavour,
      GOOD,
    );
    expect(made.notes.join()).toContain('ECL was off');
    const verdict = judge(policyOf(made), imageOf([]), GOOD);
    expect([verdict.verdict, verdict.effective]).toEqual(['refuse', 'admit']);
    const none = policyOf(imported('activated = false', flavour, GOOD));
    expect(judge(none, imageOf([]), GOOD).effective).toBe('admit');
  });
});

describe('an imported list for legacy signatures', () => {
  const ecl = parseEcl(
    tomlOf({ activated: true, groups: LISTS.slice(0, 1) }, 'legacyinsecure = true\n'),
    'ecl.toml',
  );
  const keyring = [{ fingerprint: A, names: [], state: 'good' as const }];

  it('AD28: is refused unless that is accepted', () => {
    const attempt = (): unknown => importEcl(ecl, { flavour: 'singularity', keyring, acceptLegacy: false });
    expect(attempt).toThrow(expect.objectContaining({ code: 'BAD_ECL' }));
    expect(attempt).toThrow(PolicyError);
  });

  it('AD28: then asks for modern signatures on the primary partition; legacy ones never admit', () => {
    const made = importEcl(ecl, { flavour: 'singularity', keyring, acceptLegacy: true });
    const policy = policyOf(made);
    expect(policy.rules[0]?.objects).toEqual({ kind: 'primary' });
    expect(made.notes.join()).toContain('legacy');
    const old = factsOf(imageOf([]), GOOD);
    const { content } = old;
    if (content.kind !== 'content') throw new Error('it has content');
    const facts = { ...old, content: { ...content, legacySignatures: 1 } };
    expect(evaluate(policy, facts, { now: NOW, clockSuspect: false }).effective).toBe('refuse');
  });
});
