import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { DATA_TYPE, dataTypeName } from '../../src/sif/data-type.ts';
import { ALICE, BOB, CAROL, faultOf, policyOf, ruleOf, withRule } from './policy-text.ts';

const shipped = readFileSync(new URL('../../config/policy.toml', import.meta.url));
const REQUIRE = 'require = { set = "alice" }';

describe('parsePolicy: what a policy says', () => {
  it('reads the shortest useful policy, with every default resolved', () => {
    const policy = policyOf(`version = 1
      [[signer]]
      name = "alice"
      keys = ["${ALICE}"]
      [[rule]]
      name = "images"
      scope = "/srv/images"
      require = { signers = ["alice"] }`);
    expect(policy).toMatchObject({
      serial: 0,
      onNoMatch: 'refuse',
      onLogFailure: 'refuse',
      clockSkew: 300,
      denials: [],
      waivers: [],
    });
    expect(policy.signers.get('alice')).toEqual({
      name: 'alice',
      keys: [ALICE],
      origins: ['local', 'keystore'],
      requirePresent: false,
    });
    expect(policy.rules).toEqual([
      {
        name: 'images',
        scope: '/srv/images',
        recursive: true,
        mode: 'enforce',
        semantics: 'rfc9580',
        requirement: { members: ['alice'], threshold: 1, must: [] },
        objects: { kind: 'all' },
        extraSignatures: 'ignore',
        minBinding: 'identity',
        actions: {
          integrity: 'enforce',
          coverage: 'enforce',
          authenticity: 'enforce',
          revocation: 'enforce',
          expiry: 'enforce',
          freshness: 'enforce',
          transparency: 'skip',
          binding: 'enforce',
          window: 'enforce',
        },
        level: 'strict',
        onUndetermined: 'refuse',
        maxStaleness: 72 * 3600,
        deniedFingerprints: [],
      },
    ]);
  });

  it('reads the shipped policy', () => {
    const policy = parsePolicy([{ name: 'policy.toml', octets: shipped }]);
    expect(policy.serial).toBe(1);
    expect(policy.rules.map(({ name, requirement }) => [name, requirement])).toEqual([
      [
        'prod',
        { set: 'release', members: ['alice', 'bob', 'release-robot'], threshold: 2, must: ['release-robot'] },
      ],
      ['home', { members: ['alice', 'bob'], threshold: 1, must: [] }],
    ]);
    expect(policy.denials).toHaveLength(2);
    expect(policy.waivers[0]).toEqual({
      sha256: '1'.repeat(64),
      rule: 'prod',
      until: Date.UTC(2027, 0, 1) / 1000,
      reason: 'vendor image, ticket 77',
    });
  });

  it('reads the shipped policy with the one key that it has as a comment', () => {
    const text = shipped.toString().replace(/^# (?=valid_until)/m, '');
    expect(policyOf(text).validUntil).toBe(Date.UTC(2030, 0, 1) / 1000);
  });

  it('reads the defaults that the shipped policy writes down', () => {
    const [, table = ''] = /(\[defaults\][^]*?)\n\[\[/.exec(shipped.toString()) ?? [];
    const without = ruleOf(REQUIRE);
    const spelled = ruleOf(REQUIRE, table);
    expect({ ...spelled, sha256: '' }).toEqual({ ...without, sha256: '' });
  });

  it('takes from defaults what a rule does not say, and from the rule what it does', () => {
    const head = `[defaults]
      mode = "audit"
      level = "permissive"
      semantics = "singularity"
      min_binding = "path"
      on_undetermined = "admit"
      max_staleness = "7d"
      on_no_match = "admit"
      on_log_failure = "admit"
      clock_skew = "0s"`;
    const [rule] = ruleOf(REQUIRE, head).rules;
    expect(rule).toMatchObject({
      mode: 'audit',
      level: 'permissive',
      semantics: 'singularity',
      minBinding: 'path',
      onUndetermined: 'admit',
      maxStaleness: 7 * 86_400,
    });
    expect(ruleOf(REQUIRE, head)).toMatchObject({ onNoMatch: 'admit', onLogFailure: 'admit', clockSkew: 0 });
    const own = `${REQUIRE}
      mode = "enforce"
      level = "strict"
      semantics = "strict"
      min_binding = "store"
      on_undetermined = "refuse"
      max_staleness = "90m"`;
    expect(ruleOf(own, head).rules[0]).toMatchObject({
      mode: 'enforce',
      level: 'strict',
      semantics: 'strict',
      minBinding: 'store',
      onUndetermined: 'refuse',
      maxStaleness: 5400,
    });
  });

  it.each([
    ['strict', { freshness: 'enforce', expiry: 'enforce', authenticity: 'enforce' }],
    ['permissive', { freshness: 'warn', expiry: 'enforce', revocation: 'enforce', authenticity: 'enforce' }],
    ['audit-only', { integrity: 'enforce', coverage: 'warn', authenticity: 'warn', window: 'warn' }],
  ])('knows what level %s means for each check', (level, actions) => {
    const [rule] = ruleOf(`${REQUIRE}\nmode = "audit"\nlevel = "${level}"`).rules;
    expect(rule?.actions).toMatchObject({ ...actions, transparency: 'skip' });
  });

  it('lets checks say otherwise than the level', () => {
    const [rule] = ruleOf(`${REQUIRE}\nlevel = "permissive"\nchecks = { freshness = "skip" }`).rules;
    expect(rule?.actions).toMatchObject({ freshness: 'skip', expiry: 'enforce' });
  });

  it('lets checks of the core be lowered where nothing is enforced', () => {
    const [rule] = ruleOf(`${REQUIRE}\nmode = "audit"\nchecks = { integrity = "warn" }`).rules;
    expect(rule?.actions.integrity).toBe('warn');
  });

  it('takes fingerprints as tools print them', () => {
    const printed = `0x${'aaaa '.repeat(5)} ${' aaaa'.repeat(5)}`;
    expect(
      policyOf(`version = 1\n[[signer]]\nname = "a"\nkeys = ["${printed}"]`).signers.get('a')?.keys,
    ).toEqual([ALICE]);
  });

  it('resolves sets of sets, each signer once', () => {
    const sets = `
      [[set]]
      name = "all"
      members = ["pair", "bob", "carol"]
      [[set]]
      name = "pair"
      members = ["alice", "bob"]`;
    const policy = policyOf(`${withRule('require = { set = "all", threshold = 3 }')}${sets}`);
    expect(policy.rules[0]?.requirement).toEqual({
      set: 'all',
      members: ['alice', 'bob', 'carol'],
      threshold: 3,
      must: [],
    });
  });

  it('lets a set be empty: nobody can meet the rule', () => {
    const policy = policyOf(
      `${withRule('require = { set = "nobody" }')}[[set]]\nname = "nobody"\nmembers = []`,
    );
    expect(policy.rules[0]?.requirement).toMatchObject({ members: [], threshold: 1 });
  });

  it('needs no signers for a rule that is off', () => {
    expect(ruleOf('mode = "off"').rules[0]?.requirement.members).toEqual([]);
  });

  it.each([
    ['"all"', { kind: 'all' }],
    ['"primary"', { kind: 'primary' }],
    ['{ groups = [2, 1, 2] }', { kind: 'groups', groups: [2, 1] }],
    ['{ types = ["FS", "Def.FILE"] }', { kind: 'types', types: ['FS', 'Def.FILE'] }],
  ])('reads objects = %s', (text, objects) => {
    expect(ruleOf(`${REQUIRE}\nobjects = ${text}`).rules[0]?.objects).toEqual(objects);
  });

  it('selects by every type of object that images have but signatures', () => {
    const types = Object.values(DATA_TYPE).filter((type) => type !== DATA_TYPE.signature);
    const names = [...types.map((type) => dataTypeName(type)), dataTypeName(0)];
    const text = `objects = { types = ${JSON.stringify(names)} }`;
    expect(ruleOf(`${REQUIRE}\n${text}`).rules[0]?.objects).toEqual({ kind: 'types', types: names });
    expect(faultOf(withRule(`${REQUIRE}\nobjects = { types = ["Signature"] }`)).code).toBe('BAD_VALUE');
  });

  it('reads times with an offset, from TOML and from text', () => {
    const at = (time: string) => policyOf(`version = 1\nvalid_until = ${time}`).validUntil;
    const seconds = Date.UTC(2027, 5, 30, 10) / 1000;
    expect(at('2027-06-30T10:00:00Z')).toBe(seconds);
    expect(at('2027-06-30 12:00:00.25+02:00')).toBe(seconds);
    expect(at('"2027-06-30T12:00:00+02:00"')).toBe(seconds);
  });

  it('reads denials, waivers, windows and a rule for everything else', () => {
    const policy = policyOf(`version = 1
      [[signer]]
      name = "alice"
      keys = ["${ALICE}", "${CAROL}"]
      sources = ["local"]
      require_present = true
      valid_from = 2026-01-01T00:00:00Z
      valid_until = 2027-01-01T00:00:00Z
      signed_after = 2025-01-01T00:00:00Z
      signed_before = 2026-06-01T00:00:00Z
      [[rule]]
      name = "else"
      require = { set = "alice" }
      deny = ["${BOB}"]
      extra_signatures = "refuse"
      i_know = true
      [[deny]]
      sha256 = "sha256:${'AB'.repeat(32)}"
      [[deny]]
      fingerprint = "${BOB}"
      since = 2026-03-01T00:00:00Z
      reason = "stolen"`);
    expect(policy.signers.get('alice')).toEqual({
      name: 'alice',
      keys: [ALICE, CAROL],
      origins: ['local'],
      requirePresent: true,
      validFrom: Date.UTC(2026, 0) / 1000,
      validUntil: Date.UTC(2027, 0) / 1000,
      signedAfter: Date.UTC(2025, 0) / 1000,
      signedBefore: Date.UTC(2026, 5) / 1000,
    });
    expect(policy.rules[0]).toMatchObject({
      deniedFingerprints: [BOB],
      extraSignatures: 'refuse',
      iKnow: true,
    });
    expect(policy.rules[0]).not.toHaveProperty('scope');
    expect(policy.denials).toEqual([
      { sha256: 'ab'.repeat(32) },
      { fingerprint: BOB, since: Date.UTC(2026, 2) / 1000, reason: 'stolen' },
    ]);
  });

  it('reads JSON of the same shape', () => {
    const json = {
      version: 1,
      serial: 7,
      valid_until: '2027-06-30T00:00:00Z',
      signer: [{ name: 'alice', keys: [ALICE] }],
      rule: [{ name: 'r', scope: '/srv', require: { set: 'alice' }, objects: { groups: [1] } }],
    };
    const policy = policyOf(`\n  ${JSON.stringify(json, undefined, 2)}`);
    expect(policy).toMatchObject({ serial: 7, validUntil: Date.UTC(2027, 5, 30) / 1000 });
    expect(policy.rules[0]?.objects).toEqual({ kind: 'groups', groups: [1] });
  });
});
