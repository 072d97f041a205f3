import { describe, expect, it } from 'vitest';
import { laxer } from '../../src/policy/laxer.ts';
import type { Rule } from '../../src/policy/policy.ts';
import { ALICE, BOB, ruleOf } from './policy-text.ts';

function rule(text: string): Rule {
  const [found] = ruleOf(`scope = "/a"\n${text}`).rules;
  if (found === undefined) throw new Error('no rule');
  return found;
}

const PAIR = 'require = { signers = ["alice", "bob"], threshold = 2, must = ["bob"] }';

describe('laxer', () => {
  it('finds nothing between a rule and itself', () => {
    expect(laxer(rule(PAIR), rule(PAIR))).toEqual([]);
  });

  it.each([
    ['mode', 'mode = "audit"', ''],
    ['mode', 'mode = "off"', 'mode = "audit"'],
    ['level permissive', 'level = "permissive"\nchecks = { freshness = "enforce" }', ''],
    ['freshness skip', 'checks = { freshness = "skip" }', 'checks = { freshness = "warn" }'],
    ['semantics', '', 'semantics = "singularity"'],
    ['semantics', '', 'semantics = "strict"'],
    ['fewer or other objects', 'objects = "primary"', ''],
    ['fewer or other objects', 'objects = { groups = [1] }', 'objects = { groups = [1, 2] }'],
    ['extra_signatures', '', 'extra_signatures = "refuse"'],
    ['min_binding', 'min_binding = "path"', ''],
    ['on_undetermined', 'on_undetermined = "admit"', ''],
    ['max_staleness', 'max_staleness = "73h"', ''],
    ['denied there', `deny = ["${ALICE}"]`, `deny = ["${ALICE}", "${BOB}"]`],
  ])('says that %s is less: %j under %j, and not the other way round', (word, less, more) => {
    expect(laxer(rule(`${PAIR}\n${less}`), rule(`${PAIR}\n${more}`))).toEqual([
      expect.stringContaining(word),
    ]);
    expect(laxer(rule(`${PAIR}\n${more}`), rule(`${PAIR}\n${less}`))).toEqual([]);
  });

  it.each([
    ['threshold 1, not 2', '{ signers = ["alice", "bob"], must = ["bob"] }'],
    ['do not count there: carol', '{ signers = ["bob", "carol"], threshold = 2, must = ["bob"] }'],
    ['without bob', '{ signers = ["alice", "bob"], threshold = 2 }'],
  ])('says that signers are fewer: %s', (words, require) => {
    expect(laxer(rule(`require = ${require}`), rule(PAIR))).toEqual([expect.stringContaining(words)]);
  });

  it('takes a selection for less when it may be', () => {
    const partitions = rule(`${PAIR}\nobjects = { types = ["FS"] }`);
    const group = rule(`${PAIR}\nobjects = { groups = [1] }`);
    const primary = rule(`${PAIR}\nobjects = "primary"`);
    for (const [one, other] of [
      [partitions, group],
      [group, primary],
      [primary, partitions],
    ] as const) {
      expect(laxer(one, other)).toEqual(['fewer or other objects']);
      expect(laxer(other, one)).toEqual(['fewer or other objects']);
    }
  });

  it('knows that nothing is laxer than what is not enforced, but what is not even evaluated', () => {
    const any = 'require = { set = "alice" }\nobjects = "primary"\nmin_binding = "path"';
    expect(laxer(rule(`${any}\nmode = "audit"`), rule(`${PAIR}\nmode = "audit"`))).toEqual([]);
  });

  it('knows that a rule that nobody can meet is no laxer', () => {
    expect(laxer(rule('require = { signers = [] }'), rule(PAIR))).toEqual([]);
  });
});
