import { describe, expect, it } from 'vitest';
import { ALICE, BOB, faultOf, policyOf, SIGNERS, withRule } from './policy-text.ts';

const REQUIRE = 'require = { set = "alice" }';

describe('a policy that contradicts itself', () => {
  const set = (name: string, ...members: string[]) =>
    `[[set]]\nname = "${name}"\nmembers = ${JSON.stringify(members)}\n`;
  const second = '\n[[rule]]\nname = "q"\n';

  it.each([
    [
      'two rules for one folder',
      withRule(`${REQUIRE}\nscope = "/a"${second}${REQUIRE}\nscope = "/a"`),
      '"/a" has a rule at policy.toml:',
    ],
    ['two rules for everything else', withRule(`${REQUIRE}${second}${REQUIRE}`), 'has no scope either'],
    [
      'two rules of one name',
      withRule(`${REQUIRE}\nscope = "/a"\n[[rule]]\nname = "r"\n${REQUIRE}`),
      '"r" is used at',
    ],
    ['recursive without scope', withRule(`${REQUIRE}\nrecursive = true`), 'means nothing without a scope'],
    [
      'a set that is not there',
      withRule('require = { set = "alise" }'),
      'no set or signer "alise"; did you mean "alice"?',
    ],
    ['a signer that is not there', withRule('require = { signers = ["dave"] }'), 'there is no signer "dave"'],
    [
      'a set among signers',
      `${withRule('require = { signers = ["s"] }')}${set('s', 'bob')}`,
      '"s" is a set; write set = "s"',
    ],
    ['set and signers', withRule('require = { set = "alice", signers = ["bob"] }'), 'either set or signers'],
    ['neither set nor signers', withRule('require = { threshold = 1 }'), 'either set or signers'],
    [
      'a threshold above all',
      withRule('require = { signers = ["alice", "alice"], threshold = 2 }'),
      'is 2 of 1 signers',
    ],
    [
      'must who does not count',
      withRule('require = { signers = ["alice"], must = ["bob"] }'),
      '"bob" is not one of',
    ],
    [
      'a member that is not there',
      `${withRule(REQUIRE)}${set('s', 'dave')}`,
      'there is no signer or set "dave"',
    ],
    [
      'sets in a circle',
      `${withRule(REQUIRE)}${set('s', 't')}${set('t', 'u', 's')}${set('u')}`,
      'contain each other: "s" in "t" in "s"',
    ],
    ['a set in itself', `${withRule(REQUIRE)}${set('s', 's')}`, 'sets contain each other: "s" in "s"'],
    ['a set called as a signer', `${withRule(REQUIRE)}${set('alice', 'bob')}`, '"alice" is used at'],
    [
      'a key given twice',
      `version = 1\n[[signer]]\nname = "a"\nkeys = ["${ALICE}", "${ALICE.toLowerCase()}"]`,
      'a key has one signer',
    ],
    [
      'a window that never opens',
      `${withRule(REQUIRE)}[[signer]]\nname = "d"\nkeys = ["${'D'.repeat(40)}"]\nvalid_from = 2027-01-01T00:00:00Z\nvalid_until = 2026-01-01T00:00:00Z`,
      'valid_until: must be later than valid_from',
    ],
    [
      'signatures after and before nothing',
      `${withRule(REQUIRE)}[[signer]]\nname = "d"\nkeys = ["${'D'.repeat(40)}"]\nsigned_after = 2027-01-01T00:00:00Z\nsigned_before = 2027-01-01T00:00:00Z`,
      'signed_before: must be later',
    ],
    [
      'a lowered check of the core',
      withRule(`${REQUIRE}\nchecks = { authenticity = "warn" }`),
      'authenticity: must be "enforce" in a rule that enforces',
    ],
    ['audit-only that enforces', withRule(`${REQUIRE}\nlevel = "audit-only"`), 'write mode = "audit"'],
    [
      'audit-only by default that enforces',
      withRule(REQUIRE, '[defaults]\nlevel = "audit-only"'),
      'write mode = "audit"',
    ],
    [
      'a denial of nothing',
      `${withRule(REQUIRE)}[[deny]]\nreason = "x"`,
      'must have either sha256 or fingerprint',
    ],
    [
      'a denial of two things',
      `${withRule(REQUIRE)}[[deny]]\nsha256 = "${'0'.repeat(64)}"\nfingerprint = "${BOB}"`,
      'must have either sha256 or fingerprint',
    ],
    [
      'an image denied since',
      `${withRule(REQUIRE)}[[deny]]\nsha256 = "${'0'.repeat(64)}"\nsince = 2027-01-01T00:00:00Z`,
      'is for fingerprints only',
    ],
    [
      'a waiver for no rule',
      `${withRule(REQUIRE)}[[waiver]]\nsha256 = "${'0'.repeat(64)}"\nrule = "q"\nuntil = 2027-01-01T00:00:00Z\nreason = "x"`,
      'there is no rule "q"',
    ],
  ])('refuses %s', (_, text, message) => {
    const error = faultOf(text);
    expect(error.code).toBe('INCONSISTENT');
    expect(error.message).toContain(message);
  });

  it('lets /a and /ab have a rule each', () => {
    const text = withRule(`${REQUIRE}\nscope = "/a"${second}${REQUIRE}\nscope = "/ab"`);
    expect(policyOf(text).rules.map(({ scope }) => scope)).toEqual(['/a', '/ab']);
  });

  it('looks at signers that no rule names', () => {
    expect(faultOf(`version = 1\n${SIGNERS}[[signer]]\nname = "d"\nkeys = ["${BOB}"]`).code).toBe(
      'INCONSISTENT',
    );
  });
});
