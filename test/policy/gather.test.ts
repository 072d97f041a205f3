import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../src/policy/error.ts';
import {
  MAX_FAULTS,
  MAX_FAULTS_KEPT,
  MAX_POLICY_FILES,
  MAX_POLICY_OCTETS,
  MAX_RULES,
} from '../../src/policy/limits.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { ALICE, BOB, faultOf, policyOf, withRule } from './policy-text.ts';

const shipped = readFileSync(new URL('../../config/policy.toml', import.meta.url));
const REQUIRE = 'require = { set = "alice" }';

describe('a policy of several files', () => {
  const second = `[[signer]]\nname = "dave"\nkeys = ["${'D'.repeat(40)}"]\n[[deny]]\nfingerprint = "${BOB}"`;

  it('puts their lists one after another', () => {
    const policy = policyOf(withRule(REQUIRE), second, '[[set]]\nname = "s"\nmembers = ["dave"]');
    expect([...policy.signers.keys()]).toEqual(['alice', 'bob', 'carol', 'dave']);
    expect(policy.denials).toEqual([{ fingerprint: BOB }]);
  });

  it('is identified by the octets of all of them in order', () => {
    const one = withRule(REQUIRE);
    const sum = createHash('sha256').update(one).update(second).digest('hex');
    expect(policyOf(one, second).sha256).toBe(sum);
    expect(policyOf(one, `${second}\n`).sha256).not.toBe(sum);
  });

  it('takes what is said once from the first file only', () => {
    const { code, message } = faultOf(
      withRule(REQUIRE),
      'serial = 3\n[defaults]\nmode = "off"\n[[rules]]\na = 1',
    );
    expect(code).toBe('UNKNOWN_KEY');
    expect(message.split('\n')).toEqual([
      '1.toml:1: serial: belongs into the first file, policy.toml, and only there',
      '1.toml:2: defaults: belongs into the first file, policy.toml, and only there',
      '1.toml:4: rules: is not a key of policies; did you mean "rule"?',
    ]);
  });

  it('finds what two files contradict each other in', () => {
    const { code, message } = faultOf(withRule(REQUIRE), `\n[[signer]]\nname = "alice"\nkeys = ["${BOB}"]`);
    expect(code).toBe('INCONSISTENT');
    expect(message.split('\n')).toEqual([
      expect.stringMatching(/^1\.toml:3: signer\[0\]\.name: "alice" is used at policy\.toml:\d+ too/),
      expect.stringMatching(/^1\.toml:4: signer\[0\]\.keys\[0\]: B+ is a key of "bob" \(policy\.toml:\d+\)/),
    ]);
  });

  it('names every file that cannot be read', () => {
    const { code, message } = faultOf('a = ', 'version = 1', 'b = 1\nb = 2');
    expect(code).toBe('BAD_SYNTAX');
    expect(message).toMatch(/^policy\.toml:1: column 5: .*\n2\.toml:2: column 1: /);
  });

  it('refuses none, and more than anybody keeps apart', () => {
    expect(() => parsePolicy([])).toThrow(PolicyError);
    const many = Array.from({ length: MAX_POLICY_FILES + 1 }, () => '');
    expect(faultOf('version = 1', ...many).code).toBe('BAD_SYNTAX');
  });
});

describe('faults of the form of a policy', () => {
  it('AD19: refuses a key that is given twice, with its line', () => {
    expect(faultOf('version = 1\nserial = 1\nserial = 2')).toMatchObject({
      code: 'BAD_SYNTAX',
      message: expect.stringMatching(/^policy\.toml:3: /) as string,
    });
    expect(faultOf('{"version": 1,\n"serial": 1,\n"serial": 2}')).toMatchObject({
      code: 'BAD_SYNTAX',
      message: 'policy.toml:3: the key "serial" is given twice; keep one of them',
    });
  });

  it.each([
    ['seriel = 1', 'policy.toml:1: seriel: is not a key of policies; did you mean "serial"?'],
    ['version = 1\n[defaults]\nmod = "audit"', 'policy.toml:3: defaults.mod: is not a key of policies'],
    [withRule(`${REQUIRE}\nscop = "/a"`), 'rule[0].scop: is not a key of policies; did you mean "scope"?'],
    [withRule('require = { set = "alice", treshold = 2 }'), 'rule[0].require.treshold: is not a key'],
    [
      withRule(`${REQUIRE}\nchecks = { expirey = "warn" }`),
      'checks.expirey: is not a key of policies; did you',
    ],
    [withRule(`${REQUIRE}\nx = 1`), 'rule[0].x: is not a key of policies; known here are name, scope,'],
  ])('AD19: refuses the unknown key of %j and says which was meant', (text, message) => {
    const error = faultOf(text);
    expect(error.code).toBe('UNKNOWN_KEY');
    expect(error.message).toContain(message);
  });

  it.each([
    ['', 'policy.toml:1: version: is missing: it must be 1'],
    ['version = 2', 'version: must be 1'],
    ['version = 1\nserial = -1', 'serial: must be a whole number from 0'],
    ['version = 1\nserial = 1.5', 'serial: must be a whole number from 0'],
    ['version = 1\nvalid_until = 2027-06-30T00:00:00', 'without an offset it is another time on every host'],
    ['version = 1\nvalid_until = 2027-06-30', 'valid_until: must be a time with its offset'],
    ['version = 1\nvalid_until = 07:00:00', 'valid_until: must be a time with its offset'],
    ['version = 1\nvalid_until = "2027-02-30T00:00:00Z"', 'valid_until: must be a time with its offset'],
    ['version = 1\nvalid_until = "2027-13-01T00:00:00Z"', 'valid_until: must be a time with its offset'],
    ['version = 1\nvalid_until = "9999-12-31T23:59:59-12:00"', 'valid_until: must be a time with its offset'],
    ['version = 1\nvalid_until = 5', 'valid_until: must be a time with its offset'],
    ['version = 1\ndefaults = 1', 'defaults: must be a table'],
    ['version = 1\nrule = "x"', 'rule: must be a list of tables: write [[rule]]'],
    ['version = 1\n[rule]\nname = "x"', 'policy.toml:2: rule: must be a list of tables: write [[rule]]'],
    ['version = 1\nrule = [1]', 'rule[0]: must be a table'],
    [
      'version = 1\n[defaults]\nclock_skew = "2d"',
      'defaults.clock_skew: must be a duration from "0s" to "1d"',
    ],
    ['version = 1\n[defaults]\nmax_staleness = 72', 'defaults.max_staleness: must be a duration'],
    ['version = 1\n[[signer]]\nname = "a"\nkeys = []', 'signer[0].keys: must have at least one fingerprint'],
    ['version = 1\n[[signer]]\nname = "a"\nkeys = ["D02CA3DD"]', 'a key ID is not enough'],
    [`version = 1\n[[signer]]\nname = "a"\nkeys = ["${'A'.repeat(41)}"]`, '40 or 64 hexadecimal digits'],
    [`version = 1\n[[signer]]\nname = " a"\nkeys = ["${ALICE}"]`, 'signer[0].name: must be a name'],
    [`version = 1\n[[signer]]\nname = "a\\u202Eb"\nkeys = ["${ALICE}"]`, 'signer[0].name: must be a name'],
    [`version = 1\n[[signer]]\nkeys = ["${ALICE}"]`, 'policy.toml:2: signer[0].name: is missing: it must be'],
    [
      `version = 1\n[[signer]]\nname = "a"\nkeys = ["${ALICE}"]\nsources = []`,
      'must have "local", "keystore"',
    ],
    [withRule(`${REQUIRE}\nmode = "of"`), 'rule[0].mode: must be one of "enforce", "audit", "off"'],
    [withRule(`${REQUIRE}\nmin_binding = "verity"`), 'min_binding: must be one of "path", "identity", "fd"'],
    [withRule('require = { set = "alice", threshold = 0 }'), 'threshold: must be a whole number from 1'],
    [withRule(`${REQUIRE}\nobjects = { groups = [] }`), 'objects.groups: must name at least one'],
    [withRule(`${REQUIRE}\nobjects = { grups = [1] }`), 'objects: must be "all", "primary"'],
    [withRule(`${REQUIRE}\nobjects = { types = ["fs"] }`), 'objects: must be "all", "primary"'],
    [withRule(`${REQUIRE}\nchecks = { transparency = "warn" }`), 'no transparency log is followed yet'],
    [withRule(''), 'rule[0].require: is missing: say who has to have signed'],
    [withRule(`${REQUIRE}\nscope = "srv"`), 'scope: must be the absolute path of a folder'],
    [withRule(`${REQUIRE}\nscope = "/srv/"`), 'scope: must not end with "/"'],
    [withRule(`${REQUIRE}\nscope = "/srv//a"`), 'scope: must not have "//" in it'],
    [withRule(`${REQUIRE}\nscope = "/srv/../a"`), 'scope: must not have "." or ".." in it'],
    [withRule(`${REQUIRE}\nscope = "/srv/./a"`), 'scope: must not have "." or ".." in it'],
    [withRule(`${REQUIRE}\nscope = "/a\\u0000"`), 'scope: has a character that no path has'],
    [withRule(`${REQUIRE}\nscope = "/${'a'.repeat(4096)}"`), 'scope: must have at most 4096 bytes'],
    ['version = 1\n[[deny]]\nsha256 = "abc"', 'deny[0].sha256: must be a SHA-256 digest'],
    ['{"version": 1, "rule": {}}', 'rule: must be a list of tables'],
    ['{"version": 1, "rule": [null]}', 'rule[0]: must be a table'],
  ])('refuses %j', (text, message) => {
    const error = faultOf(text);
    expect(error.code).toBe('BAD_VALUE');
    expect(error.message).toContain(message);
  });

  it('names every fault, in the order of lines, and the worst kind as its code', () => {
    const { code, message } = faultOf(`version = 1
[[rule]]
name = "a"
require = { set = "nobody" }
scope = "/a/"
[[rule]]
name = "b"
requires = { set = "nobody" }
mode = "off"
[[rule]]
name = "c"
require = { set = "nobody" }
`);
    expect(code).toBe('UNKNOWN_KEY');
    expect(message.split('\n').map((line) => line.replace(/^policy\.toml:(\d+: \S+):.*/, '$1'))).toEqual([
      '5: rule[0].scope',
      '8: rule[1].requires',
      '12: rule[2].require.set',
    ]);
  });

  it('does not blame who refers to a table with faults', () => {
    const text = `version = 1
[[signer]]
name = "alice"
keys = ["short"]
[[set]]
name = "s"
members = ["alice"]
[[rule]]
name = "r"
require = { signers = ["alice"], must = ["alice"] }
scope = "/a/"
[[waiver]]
sha256 = "${'0'.repeat(64)}"
rule = "r"
until = 2027-01-01T00:00:00Z
reason = "x"
`;
    const lines = faultOf(text).message.split('\n');
    expect(lines.map((line) => line.replace(/^policy\.toml:(\d+):.*/, '$1'))).toEqual(['4', '11']);
  });

  it('does not judge rules by defaults that have faults', () => {
    const text = withRule(`${REQUIRE}\nlevel = "audit-only"`, '[defaults]\nmode = "audit"\nclock_skew = 1');
    expect(faultOf(text).message.split('\n')).toHaveLength(1);
  });

  it('tells no more faults than anybody reads', () => {
    const many = Array.from({ length: MAX_FAULTS + 5 }, (_, index) => `k${index}x = 1`).join('\n');
    const lines = faultOf(`version = 1\n${many}`).message.split('\n');
    expect(lines).toHaveLength(MAX_FAULTS + 1);
    expect(lines.at(-1)).toBe('and 5 more');
    const endless = Array.from({ length: MAX_FAULTS_KEPT + 1 }, (_, index) => `k${index}x = 1`).join('\n');
    expect(faultOf(endless).message.split('\n').at(-1)).toBe('and many more');
  });

  it('shows only the beginning of a key that is long', () => {
    const { message } = faultOf(`version = 1\n${'k'.repeat(500_000)} = 1`);
    expect(message).toMatch(/^policy\.toml:2: "k{64}…": is not a key of policies; known here/);
  });

  it('looks at none of too many tables, over all files', () => {
    const rules = '[[rule]]\n'.repeat(MAX_RULES);
    expect(faultOf(`version = 1\n${rules}`).message.split('\n')).toHaveLength(MAX_FAULTS + 1);
    expect(faultOf(`version = 1\n${rules}`, '\n[[rule]]').message).toBe(
      `1.toml:2: rule: has ${MAX_RULES + 1} entries; a policy has at most ${MAX_RULES}`,
    );
  });

  it('refuses what is no text, too long, or a day that no calendar has', () => {
    expect(faultOf(Uint8Array.of(0xff, 0xfe)).code).toBe('BAD_SYNTAX');
    expect(faultOf(new Uint8Array(MAX_POLICY_OCTETS + 1).fill(0x20)).code).toBe('BAD_SYNTAX');
    expect(faultOf('version = 1\nvalid_until = 2027-02-30T00:00:00Z')).toMatchObject({
      code: 'BAD_SYNTAX',
      message: 'policy.toml:2: "2027-02-30T00:00:00Z" is a day that no calendar has',
    });
  });

  it('parses or throws PolicyError whatever octet of a policy is changed or missing', () => {
    const octets = Uint8Array.from(shipped);
    const change = fc.record({ at: fc.nat(octets.length - 1), to: fc.nat(255), cut: fc.boolean() });
    fc.assert(
      fc.property(change, ({ at, to, cut }) => {
        const changed = cut ? octets.slice(0, at) : octets.with(at, to);
        try {
          parsePolicy([{ name: 'p', octets: changed }]);
        } catch (error) {
          if (!(error instanceof PolicyError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });
});
