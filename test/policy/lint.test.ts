import { describe, expect, it } from 'vitest';
import type { FolderFacts } from '../../src/policy/finding.ts';
import { lintPolicy } from '../../src/policy/lint.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { ALICE, BOB, policyOf, SIGNERS } from './policy-text.ts';

const NOW = Date.UTC(2026, 10, 1) / 1000;
const OPEN: FolderFacts = { exists: true, rootOnly: false };
const TIGHT: FolderFacts = { exists: true, rootOnly: true };

function lint(policy: Policy, folders: Record<string, FolderFacts> = {}): string[] {
  return lintPolicy(policy, (path) => folders[path], NOW).map(
    ({ severity, code, subject }) => `${severity} ${code} ${subject}`,
  );
}

/** Everybody in the first rule, so that nobody is unused. */
const BASE = `version = 1
${SIGNERS}
[[rule]]
name = "base"
scope = "/srv"
require = { signers = ["alice", "bob", "carol"], threshold = 2 }
`;

const CHILD = `[[rule]]\nname = "child"\nscope = "/srv/open"\nrequire = { set = "alice" }\n`;

describe('lintPolicy', () => {
  it('finds nothing in a policy as it should be', () => {
    expect(lint(policyOf(BASE), { '/srv': { ...TIGHT, strongest: 'root-owned' } })).toEqual([]);
  });

  it('warns of a folder that does not exist, and is still where it cannot look', () => {
    expect(lint(policyOf(BASE), { '/srv': { exists: false, rootOnly: false } })).toEqual([
      'warning SCOPE_MISSING rule "base"',
    ]);
    expect(lint(policyOf(BASE))).toEqual([]);
  });

  it('calls a laxer rule an error where others can put images', () => {
    const [finding] = lintPolicy(policyOf(`${BASE}${CHILD}`), () => OPEN, NOW);
    expect(finding).toMatchObject({
      severity: 'error',
      code: 'LAXER_THAN_PARENT',
      subject: 'rule "child"',
      text: expect.stringContaining('asks less than rule "base"') as string,
    });
    expect(finding?.text).toContain('threshold 1, not 2');
  });

  it('takes a laxer rule where only root can put images, or where it is meant', () => {
    expect(lint(policyOf(`${BASE}${CHILD}`), { '/srv': OPEN, '/srv/open': TIGHT })).toEqual([]);
    expect(lint(policyOf(`${BASE}${CHILD}i_know = true`), { '/srv/open': OPEN })).toEqual([]);
  });

  it('only warns of a laxer rule where it cannot look', () => {
    expect(lint(policyOf(`${BASE}${CHILD}`))).toEqual(['warning LAXER_THAN_PARENT rule "child"']);
  });

  it('compares with the nearest folder above that has a rule for what is in it', () => {
    const strict = 'require = { signers = ["alice", "bob", "carol"], threshold = 3 }';
    const between = `[[rule]]\nname = "between"\nscope = "/srv/open/x"\n${strict}\n`;
    const deep = `[[rule]]\nname = "deep"\nscope = "/srv/open/x/y"\nrequire = { set = "alice" }\n`;
    const folders = { '/srv/open/x': OPEN, '/srv/open/x/y': OPEN };
    const about = (text: string) =>
      lintPolicy(policyOf(text), (path) => (folders as Record<string, FolderFacts>)[path], NOW).map(
        ({ text: said }) => said,
      );
    expect(about(`${BASE}${between}${deep}`)).toEqual([
      expect.stringContaining('asks less than rule "between"'),
    ]);
    expect(about(`${BASE}${between}recursive = false\n${deep}`)).toEqual([
      expect.stringContaining('asks less than rule "base"'),
    ]);
  });

  it('does not take /srvx for a folder in /srv', () => {
    expect(lint(policyOf(`${BASE}${CHILD.replace('/srv/open', '/srvx')}`), { '/srvx': OPEN })).toEqual([]);
  });

  it('compares with the rule for everything else when no folder above has one', () => {
    const fallback = `[[rule]]\nname = "else"\nrequire = { signers = ["alice", "bob"], threshold = 2 }\n`;
    const text = `version = 1\n${SIGNERS}${fallback}${CHILD}`;
    expect(lint(policyOf(text), { '/srv/open': OPEN })).toContain('error LAXER_THAN_PARENT rule "child"');
  });

  it('warns of a rule that no image comes to', () => {
    const root = BASE.replace('/srv', '/');
    const fallback = `[[rule]]\nname = "else"\nrequire = { signers = ["alice", "bob", "carol"], threshold = 2 }\n`;
    expect(lint(policyOf(`${root}${fallback}`))).toEqual(['warning RULE_UNREACHABLE rule "else"']);
    expect(lint(policyOf(`${root}recursive = false\n${fallback}`))).toEqual([]);
  });

  it('warns of a binding that the folder never gives', () => {
    const stored = `${BASE}min_binding = "store"\n`;
    const nfs = { '/srv': { ...OPEN, strongest: 'path' } } as const;
    expect(lint(policyOf(BASE), nfs)).toEqual(['warning BINDING_OUT_OF_REACH rule "base"']);
    expect(lint(policyOf(stored), { '/srv': { ...OPEN, strongest: 'root-owned' } })).toHaveLength(1);
    expect(lint(policyOf(`${BASE}min_binding = "path"`), nfs)).toEqual([]);
    expect(lint(policyOf(`${BASE}checks = { binding = "skip" }`), nfs)).toEqual([]);
    expect(lint(policyOf(`${BASE}mode = "off"`), nfs)).toEqual([]);
  });

  it('warns of rules that nobody can meet', () => {
    const empty = BASE.replace(/require = .*/, 'require = { signers = [] }');
    expect(lint(policyOf(empty))).toContain('warning RULE_UNMEETABLE rule "base"');
    const denied = (since: string) =>
      `${BASE}[[deny]]\nfingerprint = "${ALICE}"\n${since}\n[[deny]]\nfingerprint = "${BOB}"\n${since}\n`;
    expect(lint(policyOf(denied('')))).toEqual([
      'warning RULE_UNMEETABLE rule "base"',
      'warning SIGNER_DENIED signer "alice"',
      'warning SIGNER_DENIED signer "bob"',
    ]);
    expect(lint(policyOf(denied('since = 2026-01-01T00:00:00Z')))).toEqual([]);
    const must = BASE.replace('threshold = 2', 'must = ["bob"]');
    expect(lint(policyOf(`${must}deny = ["${BOB}"]`))).toEqual(['warning RULE_UNMEETABLE rule "base"']);
    expect(lint(policyOf(`${must}deny = ["${BOB}"]\nmode = "off"`))).toEqual([]);
  });

  it('warns of signers who are over or in no rule', () => {
    const dave = `[[signer]]\nname = "dave"\nkeys = ["${'D'.repeat(40)}"]\n`;
    expect(lint(policyOf(`${BASE}${dave}valid_until = 2026-11-01T00:00:00Z`))).toEqual([
      'warning SIGNER_UNUSED signer "dave"',
      'warning SIGNER_OVER signer "dave"',
    ]);
    expect(lint(policyOf(`${BASE}${dave}valid_until = 2026-11-01T00:00:01Z`))).toEqual([
      'warning SIGNER_UNUSED signer "dave"',
    ]);
  });

  it('warns of the narrower of two denials, or the later of two that are the same', () => {
    const deny = (since: string) => `[[deny]]\nfingerprint = "${'D'.repeat(40)}"\n${since}\n`;
    const late = 'since = 2026-03-01T00:00:00Z';
    const early = 'since = 2026-02-01T00:00:00Z';
    expect(lint(policyOf(`${BASE}${deny(late)}${deny('')}`))).toHaveLength(1);
    expect(lint(policyOf(`${BASE}${deny(late)}${deny(early)}`))).toHaveLength(1);
    expect(lint(policyOf(`${BASE}${deny('')}${deny('')}`))).toHaveLength(1);
    const own = `${BASE}deny = ["${'D'.repeat(40)}"]\n`;
    expect(lint(policyOf(`${own}${deny('')}`))).toEqual([
      `warning DENIAL_REDUNDANT deny ${'D'.repeat(40)} of rule "base"`,
    ]);
    expect(lint(policyOf(`${own}${deny(late)}`))).toEqual([]);
  });

  it('warns of waivers that are over or beaten by a denial', () => {
    const waiver = (until: string) =>
      `[[waiver]]\nsha256 = "${'0'.repeat(64)}"\nrule = "base"\nuntil = ${until}\nreason = "x"\n`;
    expect(lint(policyOf(`${BASE}${waiver('2026-11-01T00:00:00Z')}`))[0]).toContain('WAIVER_OVER');
    expect(lint(policyOf(`${BASE}${waiver('2026-11-01T00:00:01Z')}`))).toEqual([]);
    const denied = `[[deny]]\nsha256 = "${'0'.repeat(64)}"\n`;
    expect(lint(policyOf(`${BASE}${denied}${waiver('2027-01-01T00:00:00Z')}`))[0]).toContain('WAIVER_DENIED');
  });

  it('warns two weeks before the end of a policy, and calls it an error after', () => {
    const until = (time: string) => lint(policyOf(BASE.replace('\n', `\nvalid_until = ${time}\n`)));
    expect(until('2026-11-15T00:00:01Z')).toEqual([]);
    expect(until('2026-11-15T00:00:00Z')).toEqual(['warning POLICY_ENDS_SOON policy']);
    expect(until('2026-11-01T00:00:00Z')).toEqual(['error POLICY_OVER policy']);
  });

  it('says what a policy without rules does', () => {
    const text = (head: string) =>
      lintPolicy(policyOf(`version = 1\n${head}`), () => undefined, NOW)[0]?.text;
    expect(text('')).toContain('refused');
    expect(text('[defaults]\non_no_match = "admit"')).toContain('admitted');
  });

  it('puts errors first', () => {
    const text = `${BASE}${CHILD}[[signer]]\nname = "dave"\nkeys = ["${'D'.repeat(40)}"]\n`;
    const found = lint(policyOf(text), { '/srv': { exists: false, rootOnly: false }, '/srv/open': OPEN });
    expect(found.map((line) => line.split(' ')[0])).toEqual(['error', 'warning', 'warning']);
  });
});
