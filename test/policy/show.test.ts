import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BINDINGS } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { policyDocument, showPolicy } from '../../src/policy/show.ts';
import { policyOf, ruleOf } from './policy-text.ts';

const shipped = readFileSync(new URL('../../config/policy.toml', import.meta.url), 'utf8');

/** All but the digest, which is that of the text. */
function content(policy: Policy): unknown {
  return { ...policy, sha256: undefined };
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const name = text.filter((word) => /^(?!\s)[^\p{C}\p{Zl}\p{Zp}]+(?<!\s)$/u.test(word));
const key = fc.integer({ min: 0, max: 1_000_000 }).map((n) => n.toString(16).padStart(40, '0').toUpperCase());
const time = fc.integer({ min: 0, max: 4_000_000_000 }).map((n) => new Date(n * 1000).toISOString());
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const maybe = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: undefined });
const fallback = fc.constantFrom('refuse', 'admit');

const rule = fc.record({
  name,
  folder: name.map((word) => word.replaceAll('/', '-')).filter((word) => word !== '.' && word !== '..'),
  recursive: fc.boolean(),
  mode: fc.constantFrom('audit', 'off'),
  level: maybe(fc.constantFrom('strict', 'permissive', 'audit-only')),
  semantics: maybe(fc.constantFrom('rfc9580', 'strict', 'singularity')),
  min_binding: maybe(fc.constantFrom(...BINDINGS)),
  objects: maybe(fc.constantFrom('all', 'primary', { groups: [1, 3] }, { types: ['FS', 'Generic/Raw'] })),
  checks: maybe(
    fc.record({ integrity: fc.constantFrom('enforce', 'warn', 'skip'), window: fc.constant('warn') }),
  ),
  on_undetermined: maybe(fallback),
  max_staleness: maybe(fc.integer({ min: 1, max: 100_000 }).map((n) => `${n}s`)),
  deny: fc.array(key, { maxLength: 2 }),
  i_know: fc.boolean(),
  extra_signatures: maybe(fc.constantFrom('ignore', 'refuse')),
});

const policies = fc
  .record({
    serial: fc.nat(),
    valid_until: maybe(time),
    signers: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    keys: fc.uniqueArray(key, { minLength: 4, maxLength: 4 }),
    window: maybe(time),
    origins: maybe(fc.constantFrom(['local'], ['keystore'], ['keystore', 'local'])),
    present: fc.boolean(),
    rules: fc.uniqueArray(rule, { maxLength: 4, selector: (one) => one.name }),
    deny: fc.array(fc.record({ fingerprint: key, since: maybe(time), reason: maybe(text) }), {
      maxLength: 2,
    }),
    waived: fc.array(fc.record({ sha256: digest, until: time, reason: text }), { maxLength: 2 }),
  })
  .map(({ serial, valid_until, signers, keys, window, origins, present, rules, deny, waived }) => ({
    version: 1,
    serial,
    valid_until,
    signer: signers.map((one, index) => ({
      name: one,
      keys: [keys[index]],
      valid_until: window,
      signed_after: window,
      sources: origins,
      require_present: present,
    })),
    set: [{ name: `${signers.join('')}+`.slice(0, 100), members: signers }],
    rule: rules.map(({ folder, ...rest }, index) => ({
      ...rest,
      scope: `/${index}/${folder}`,
      require:
        index % 2 === 0
          ? { set: `${signers.join('')}+`.slice(0, 100), threshold: signers.length, must: signers.slice(1) }
          : { signers: signers.slice(0, 1) },
    })),
    deny,
    waiver: rules.length === 0 ? [] : waived.map((one) => ({ ...one, rule: rules[0]?.name })),
  }));

describe('showPolicy', () => {
  it('writes every default of a rule', () => {
    expect(showPolicy(ruleOf('require = { set = "alice" }\nscope = "/srv"')).split('\n')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^# policy [0-9a-f]{64}$/),
        'serial = 0',
        'clock_skew = "5m"',
        'sources = ["local", "keystore"]',
        'recursive = true',
        'require = { set = "alice", threshold = 1, must = [] }',
        'min_binding = "identity"',
        expect.stringMatching(/^checks = \{ integrity = "enforce", .*transparency = "skip"/),
        'max_staleness = "3d"',
      ]) as string[],
    );
  });

  it('is read as the policy that it shows: the shipped one', () => {
    const policy = policyOf(shipped);
    expect(content(policyOf(showPolicy(policy)))).toEqual(content(policy));
    expect(content(policyOf(JSON.stringify(policyDocument(policy))))).toEqual(content(policy));
  });

  it('is read as the policy that it shows: any', () => {
    fc.assert(
      fc.property(policies, (given) => {
        const policy = policyOf(JSON.stringify(given));
        expect(content(policyOf(showPolicy(policy)))).toEqual(content(policy));
        expect(content(policyOf(JSON.stringify(policyDocument(policy))))).toEqual(content(policy));
      }),
      { numRuns: 200 },
    );
  });
});
