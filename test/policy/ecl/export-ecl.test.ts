import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportEcl } from '../../../src/policy/ecl/export-ecl.ts';
import type { EclExport } from '../../../src/policy/ecl/export-ecl.ts';
import type { Ecl, EclFlavour } from '../../../src/policy/ecl/ecl.ts';
import { importEcl } from '../../../src/policy/ecl/import-ecl.ts';
import { parseEcl } from '../../../src/policy/ecl/parse-ecl.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { parsePolicy } from '../../../src/policy/parse-policy.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { A, B, C, factsOf, images, keyrings, NOW, X } from './abstract-image.ts';
import { runs } from './ecl-model.ts';

const FLAVOURS: readonly EclFlavour[] = ['singularity', 'apptainer'];

function policyOf(toml: string): Policy {
  return parsePolicy([{ name: 'policy.toml', octets: Buffer.from(toml) }]);
}

function signer(name: string, keys: readonly string[], more = ''): string {
  return `[[signer]]\nname = "${name}"\nkeys = ${JSON.stringify(keys)}\n${more}\n`;
}

const SIGNERS = ['a', 'b', 'c'].map((name, i) => signer(name, [[A, B, C][i] ?? ''])).join('');

function rule(name: string, lines: string): string {
  return `[[rule]]\nname = "${name}"\n${lines}\n`;
}

function exported(toml: string, flavour: EclFlavour = 'singularity'): EclExport & { readonly ecl: Ecl } {
  const made = exportEcl(policyOf(`version = 1\nserial = 1\n${toml}`), { flavour });
  return { ...made, ecl: parseEcl(made.toml, 'exported') };
}

/** One rule for `/srv` with these lines, and the three signers. */
function one(
  lines: string,
  flavour: EclFlavour = 'singularity',
): Pick<Ecl['groups'][number], 'mode' | 'keys'> {
  const { ecl } = exported(SIGNERS + rule('r', `scope = "/srv"\nrecursive = false\n${lines}`), flavour);
  const [group] = ecl.groups;
  if (group === undefined || ecl.groups.length > 1) throw new Error('one group was expected');
  return { mode: group.mode, keys: group.keys };
}

const NOTHING = { mode: 'whitelist', keys: [] };

describe('an exported rule', () => {
  it('that wants one of several signers is a whitelist', () => {
    expect(one('require = { signers = ["a", "b"] }')).toEqual({ mode: 'whitelist', keys: [A, B] });
  });

  it('that wants all of them is a whitestrict', () => {
    expect(one('require = { signers = ["a", "b"], threshold = 2 }')).toEqual({
      mode: 'whitestrict',
      keys: [A, B],
    });
  });

  it('that wants one who must be among them is a whitelist of that one', () => {
    const wanted = { mode: 'whitelist', keys: [B] };
    expect(one('require = { signers = ["a", "b"], threshold = 1, must = ["b"] }')).toEqual(wanted);
  });

  it('that wants two of three refuses everything, and says so', () => {
    const text =
      SIGNERS + rule('r', 'scope = "/srv"\nrequire = { signers = ["a", "b", "c"], threshold = 2 }');
    const { ecl, lost, admits } = exported(text);
    expect(ecl.groups).toMatchObject([NOTHING]);
    expect(lost.join('\n')).toContain('2 of 3 signers');
    expect(admits).toBe(false);
  });

  it('takes every key of a signer that has several, unless each of them would be asked for', () => {
    const two = `${signer('ab', [A, B])}${signer('c', [C])}`;
    const first = exported(two + rule('r', 'scope = "/srv"\nrequire = { signers = ["ab"] }'));
    expect(first.ecl.groups).toMatchObject([{ mode: 'whitelist', keys: [A, B] }]);
    const second = exported(
      two + rule('r', 'scope = "/srv"\nrequire = { signers = ["ab", "c"], threshold = 2 }'),
    );
    expect(second.ecl.groups).toMatchObject([NOTHING]);
  });

  it.each([
    ['min_binding = "store"', 'min_binding'],
    ['objects = { groups = [1] }', 'certain objects'],
    ['objects = { types = ["FS"] }', 'certain objects'],
  ])('with %s refuses everything: ECL would admit more', (line, why) => {
    const { ecl, lost } = exported(
      SIGNERS + rule('r', `scope = "/srv"\nrequire = { signers = ["a"] }\n${line}`),
    );
    expect(ecl.groups).toMatchObject([NOTHING]);
    expect(lost.join('\n')).toContain(why);
  });

  it.each([
    ['windows of time', 'valid_until = 2099-01-01T00:00:00Z'],
    ['windows of time', 'signed_after = 2000-01-01T00:00:00Z'],
    ['whether a keystore', 'require_present = true'],
    ['not from a keystore', 'sources = ["keystore"]'],
  ])('leaves a signer out, for ECL knows nothing of %s', (why, line) => {
    const text =
      signer('a', [A], line) +
      signer('b', [B]) +
      rule('r', 'scope = "/srv"\nrequire = { signers = ["a", "b"] }');
    const { ecl, lost } = exported(text);
    expect(ecl.groups).toMatchObject([{ mode: 'whitelist', keys: [B] }]);
    expect(lost.join('\n')).toContain(why);
  });

  it('leaves out keys whose fingerprints have 64 digits', () => {
    const text =
      signer('a', [A, 'D'.repeat(64)]) + rule('r', 'scope = "/srv"\nrequire = { signers = ["a"] }');
    const { ecl, lost } = exported(text);
    expect(ecl.groups).toMatchObject([{ mode: 'whitelist', keys: [A] }]);
    expect(lost.join('\n')).toContain('64 digits');
  });

  it('that wants every signature to be good cannot be said to Apptainer', () => {
    const line = 'require = { signers = ["a"] }\nextra_signatures = "refuse"';
    expect(one(line, 'singularity')).toEqual({ mode: 'whitelist', keys: [A] });
    expect(one(line, 'apptainer')).toEqual(NOTHING);
  });

  it('that only watches is left out', () => {
    const { ecl, lost } = exported(SIGNERS + rule('r', 'mode = "audit"\nrequire = { signers = ["a"] }'));
    expect(ecl.groups).toEqual([]);
    expect(lost.join('\n')).toContain('cannot only watch');
  });
});

describe('an exported policy', () => {
  it('with a denied digest admits nothing', () => {
    const text = `${SIGNERS}${rule('r', 'require = { signers = ["a"] }')}[[deny]]\nsha256 = "${'0'.repeat(64)}"\n`;
    const { admits, lost } = exported(text);
    expect(admits).toBe(false);
    expect(lost.join('\n')).toContain('denied digest');
  });

  it('with a denied key keeps it out of the keyring', () => {
    const text = `${SIGNERS}${rule('r', 'require = { signers = ["a", "b"] }')}[[deny]]\nfingerprint = "${B}"\n`;
    const { ecl, keyring, denied } = exported(text);
    expect(ecl.groups).toMatchObject([{ mode: 'whitelist', keys: [A] }]);
    expect([keyring, denied]).toEqual([[A], [B]]);
    expect(exported(text, 'apptainer').admits).toBe(false);
  });

  it('with a rule that denies whom another trusts refuses everything under that rule', () => {
    const text =
      SIGNERS +
      rule('r', 'scope = "/srv"\nrequire = { signers = ["a"] }') +
      rule('s', `scope = "/opt"\nrequire = { signers = ["b"] }\ndeny = ["${A}"]`);
    const { ecl } = exported(text);
    expect(ecl.groups.map(({ keys }) => keys)).toEqual([[A], []]);
  });

  it('does not leave the sub-folders of a rule to a weaker rule without folder', () => {
    const text =
      SIGNERS +
      rule('prod', 'scope = "/srv"\nrequire = { signers = ["a", "b"], threshold = 2 }') +
      rule('rest', 'require = { signers = ["a", "b"] }');
    const { ecl, lost } = exported(text);
    expect(ecl.groups.map(({ tagName }) => tagName)).toEqual(['prod']);
    expect(lost.join('\n')).toContain('sub-folders that rule prod is for');
  });

  it('says what else is lost', () => {
    const text = `
valid_until = 2099-01-01T00:00:00Z
[defaults]
on_no_match = "admit"
${SIGNERS}${rule('r', 'scope = "/srv"\nrequire = { signers = ["a"] }')}
[[waiver]]
sha256 = "${'0'.repeat(64)}"
rule = "r"
until = 2099-01-01T00:00:00Z
reason = "x"
`;
    const lost = exported(text).lost.join('\n');
    for (const word of ['waivers', 'on_no_match', 'valid_until', 'recursive', 'semantics']) {
      expect(lost).toContain(word);
    }
  });
});

const requirement = fc.record({
  members: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
  threshold: fc.constantFrom(1, 1, 1, 2, 3),
  must: fc.constantFrom(false, false, true),
});

const rules = fc.uniqueArray(
  fc.record({
    scope: fc.constantFrom('', '/srv', '/srv/prod', '/'),
    recursive: fc.boolean(),
    mode: fc.constantFrom('enforce', 'enforce', 'enforce', 'audit', 'off'),
    semantics: fc.constantFrom('rfc9580', 'strict', 'singularity'),
    objects: fc.constantFrom('all', 'all', 'primary'),
    extra: fc.constantFrom('ignore', 'refuse'),
    binding: fc.constantFrom('path', 'fd', 'fd', 'root-owned'),
    requirement,
    deny: fc.constantFrom([], [], [], [B], [X]),
  }),
  { selector: ({ scope }) => scope, minLength: 1, maxLength: 4 },
);

const policies = fc
  .record({
    keys: fc.constantFrom([[A], [B], [C]], [[A, X], [B], [C]], [[A], [B]]),
    rules,
    denied: fc.constantFrom([], [], [], [], [C], [X]),
    open: fc.boolean(),
  })
  .map(({ keys, rules: some, denied, open }) => {
    const names = ['a', 'b', 'c'].slice(0, keys.length);
    const texts = some.map((given, i) => {
      const members = given.requirement.members.filter((name) => names.includes(name));
      const signers = members.length === 0 ? ['a'] : members;
      const threshold = Math.min(given.requirement.threshold, signers.length);
      const must = given.requirement.must ? signers.slice(0, 1) : [];
      const scope = given.scope === '' ? '' : `scope = "${given.scope}"\nrecursive = ${given.recursive}\n`;
      return rule(
        `r${i}`,
        `${scope}mode = "${given.mode}"
semantics = "${given.semantics}"
objects = "${given.objects}"
extra_signatures = "${given.extra}"
min_binding = "${given.binding}"
deny = ${JSON.stringify(given.deny)}
require = { signers = ${JSON.stringify(signers)}, threshold = ${threshold}, must = ${JSON.stringify(must)} }`,
      );
    });
    const signers = names.map((name, i) => signer(name, keys[i] ?? []));
    const denials = denied.map((key) => `[[deny]]\nfingerprint = "${key}"\n`);
    const head = `version = 1\nserial = 1\n[defaults]\non_no_match = "${open ? 'admit' : 'refuse'}"\n`;
    return policyOf([head, ...signers, ...texts, ...denials].join('\n'));
  });

describe.each(FLAVOURS)('a policy exported for %s', (flavour) => {
  it('admits nothing that the policy refuses, nor does it when it is imported again', () => {
    const moment = { now: NOW, clockSuspect: false };
    let admitted = 0;
    fc.assert(
      fc.property(policies, images, keyrings, (policy, image, keyring) => {
        const made = exportEcl(policy, { flavour });
        const ecl = parseEcl(made.toml, 'exported');
        const own = keyring.filter(({ fingerprint }) => made.keyring.includes(fingerprint));
        const keys = own.map((key) => ({ ...key, names: [] }));
        const again = policyOf(importEcl(ecl, { flavour, keyring: keys, acceptLegacy: false }).toml);
        const first = evaluate(policy, factsOf(image, keyring), moment).effective;
        const list = runs(ecl, flavour, image, own);
        const second = evaluate(again, factsOf(image, own), moment).effective;
        if (list) admitted += 1;
        expect(first === 'admit' || (!list && second === 'refuse')).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(admitted).toBeGreaterThan(0);
  });
});
