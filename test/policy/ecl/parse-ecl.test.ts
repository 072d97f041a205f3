import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../src/policy/error.ts';
import { MAX_ECL_CHARACTERS } from '../../../src/policy/ecl/limits.ts';
import { parseEcl } from '../../../src/policy/ecl/parse-ecl.ts';

const KEY = '5994BE54C31CF1B5E1994F987C52CF6D055F072B';

function faultOf(text: string): string {
  try {
    parseEcl(text, 'ecl.toml');
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'BAD_ECL') return error.message;
    throw error;
  }
  return 'none';
}

function group(lines: string): string {
  return `activated = true\n[[execgroup]]\nmode = "whitelist"\ndirpath = ""\n${lines}\n`;
}

describe('an ecl.toml', () => {
  it('is read', () => {
    const text = `
activated = true
legacyinsecure = false
[[execgroup]]
  tagname = "group1"
  mode = "whitestrict"
  dirpath = "/var/cache/containers"
  keyfp = ["${KEY}", "${KEY.toLowerCase()}"]
[[execgroup]]
  mode = "blacklist"
`;
    expect(parseEcl(text, 'ecl.toml')).toEqual({
      activated: true,
      legacyInsecure: false,
      groups: [
        { tagName: 'group1', mode: 'whitestrict', dirPath: '/var/cache/containers', keys: [KEY] },
        { tagName: '', mode: 'blacklist', dirPath: '', keys: [] },
      ],
      warnings: [],
    });
  });

  it('warns of a misspelt "activated", which leaves ECL off', () => {
    const ecl = parseEcl('activate = true', 'ecl.toml');
    expect(ecl.activated).toBe(false);
    expect(ecl.warnings).toEqual([
      'activate means nothing to the tools and is passed over; did you mean activated?',
      'activated is not set: the tools take it for false, and every image runs',
    ]);
  });

  it('takes its keys in any case, as go-toml does', () => {
    expect(parseEcl('Activated = true', 'ecl.toml')).toMatchObject({ activated: true, warnings: [] });
    expect(faultOf('Activated = true\nactivated = false')).toContain('given twice');
  });

  it('warns of keys in a group that mean nothing', () => {
    const { warnings } = parseEcl(group('keyfps = []'), 'ecl.toml');
    expect(warnings).toEqual([
      'execgroup[0].keyfps means nothing to the tools and is passed over; did you mean keyfp?',
    ]);
  });

  it.each([
    ['a switch in quotes', 'activated = "true"', 'activated must be true or false'],
    ['a number for a switch', 'activated = 1', 'activated must be true or false'],
    ['one table for the groups', '[execgroup]\nmode = "whitelist"', 'written [[execgroup]]'],
    ['groups that are no tables', 'execgroup = ["a"]', 'execgroup[0] is not a table'],
    ['a mode it does not have', 'activated = true\n[[execgroup]]\nmode = "Whitelist"', 'execgroup[0].mode'],
    ['no mode', 'activated = true\n[[execgroup]]\ndirpath = "/a"', 'execgroup[0].mode'],
    ['a label that is no text', group('tagname = 1'), 'execgroup[0].tagname'],
    ['a key ID', group('keyfp = ["7C52CF6D055F072B"]'), 'execgroup[0].keyfp[0]'],
    ['a fingerprint with blanks', group(`keyfp = [" ${KEY}"]`), 'execgroup[0].keyfp[0]'],
    ['a fingerprint of 64 digits', group(`keyfp = ["${'A'.repeat(64)}"]`), 'execgroup[0].keyfp[0]'],
    ['one fingerprint without a list', group(`keyfp = "${KEY}"`), 'execgroup[0].keyfp must be a list'],
    ['two groups without folder', group('[[execgroup]]\nmode = "blacklist"'), 'second group without dirpath'],
    ['no TOML', 'activated = ', 'ecl.toml:1:'],
    ['lists within lists without end', `a = ${'['.repeat(100_000)}`, 'ecl.toml:1:'],
    ['a key given twice', 'activated = true\nactivated = true', 'ecl.toml:2:'],
    ['more than a list can be', '#'.repeat(MAX_ECL_CHARACTERS + 1), 'longer than'],
  ])('is refused with %s', (_, text, reason) => {
    expect(faultOf(text)).toContain(reason);
  });

  it.each(['relative', '/a/', '/a/../b', '/a//b', '/./a', '//', '.', '/a\\u0000b'])(
    'is refused with the folder "%s", for which the tools refuse every image',
    (folder) => {
      const text = `[[execgroup]]\nmode = "whitelist"\ndirpath = "${folder}"`;
      expect(faultOf(text)).toContain('execgroup[0].dirpath');
    },
  );

  it('is refused with every fault named', () => {
    expect(faultOf('activated = 1\nlegacyinsecure = 2\n[[execgroup]]\nmode = 3').split('; ')).toHaveLength(3);
  });

  it('is read or refused, whatever is in it', () => {
    const word = fc.constantFrom(
      'activated',
      '=',
      'true',
      '"',
      '[[execgroup]]',
      '\n',
      'mode',
      'whitelist',
      'keyfp',
      '[',
      ']',
      KEY,
      '{',
      '}',
      ',',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (text) => {
          faultOf(text);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
