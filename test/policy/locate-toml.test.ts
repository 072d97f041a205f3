import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import type { KeyPath } from '../../src/policy/lines.ts';
import { locateToml } from '../../src/policy/locate-toml.ts';

const TEXT = `# comment = 1
top = "a # b" # comment
"quoted key" = 1
'single'.inner = '''
[not.a.table]
x = 1'''

[defaults] # [no]
mode = "off"
basic = """
[[rule]]
\\"""
"""
[[rule]]
name = "one"
require = { set = "s", deep = { er = [1, 2] } }
list = [
  # ] not yet
  "a]",
  { k = 1, "l" = [
    2 ] },
]
[rule.checks]
a.b = "}"
[[rule]]
name = "two"
[[rule.sub]]
n = 1
[[rule.sub]]
n = 2
[rule.sub.table]
m = 1
`;

function line(...path: KeyPath): number {
  return locateToml(TEXT).lines.of(path);
}

describe('locateToml', () => {
  it.each([
    [['top'], 2],
    [['quoted key'], 3],
    [['single'], 4],
    [['single', 'inner'], 4],
    [['defaults'], 8],
    [['defaults', 'mode'], 9],
    [['defaults', 'basic'], 10],
    [['rule'], 14],
    [['rule', 0], 14],
    [['rule', 0, 'name'], 15],
    [['rule', 0, 'require', 'set'], 16],
    [['rule', 0, 'require', 'deep', 'er', 1], 16],
    [['rule', 0, 'list', 0], 19],
    [['rule', 0, 'list', 1, 'k'], 20],
    [['rule', 0, 'list', 1, 'l', 0], 21],
    [['rule', 0, 'checks'], 23],
    [['rule', 0, 'checks', 'a', 'b'], 24],
    [['rule', 1], 25],
    [['rule', 1, 'name'], 26],
    [['rule', 1, 'sub', 0, 'n'], 28],
    [['rule', 1, 'sub', 1, 'n'], 30],
    [['rule', 1, 'sub', 1, 'table', 'm'], 32],
  ] as [KeyPath, number][])('finds %j', (path, expected) => {
    expect(line(...path)).toBe(expected);
  });

  it('knows every key that the parser knows', () => {
    const { lines } = locateToml(TEXT);
    const unknown: KeyPath[] = [];
    const walk = (value: unknown, path: KeyPath): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        const here = [...path, Array.isArray(value) ? Number(key) : key];
        // A path beyond one that is known has its line only by way of that.
        if (lines.of(here) === 1) unknown.push(here);
        walk(inner, here);
      }
    };
    walk(parse(TEXT), []);
    expect(unknown).toEqual([]);
  });

  it('falls back to what contains a key that is not there', () => {
    expect(line('rule', 0, 'require', 'threshold')).toBe(16);
    expect(line('rule', 1, 'scope')).toBe(25);
    expect(line('nothing')).toBe(1);
  });

  it('finds days that no calendar has, and no others', () => {
    const days = ['2027-02-29', '2028-02-29', '2000-02-29', '2100-02-29', '2027-04-31', '2027-12-31'];
    const text = days.map((day, index) => `d${index} = [1, ${day}T00:00:00Z] # 2027-02-30`).join('\n');
    const { impossibleDates } = locateToml(`${text}\nt = "2027-02-30T00:00:00Z"`);
    expect(impossibleDates).toEqual([
      { line: 1, text: '2027-02-29T00:00:00Z' },
      { line: 4, text: '2100-02-29T00:00:00Z' },
      { line: 5, text: '2027-04-31T00:00:00Z' },
    ]);
  });

  it('never throws and always ends, whatever the text', () => {
    const marks = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '=',
      '.',
      ',',
      '"',
      "'",
      '"""',
      "'''",
      '\\',
      '#',
      '\n',
      ' ',
      'a',
      '1',
    );
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 40 }), (parts) => {
        expect(locateToml(parts.join('')).lines.of(['a'])).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(locateToml(text).lines.of([])).toBe(1);
      }),
    );
  });

  it.each([
    '[',
    '{',
    '{a=',
    '[[',
    'a=[',
    '"""',
    'a="""\\"',
    "a='''",
    '#',
    '\n',
    'a.',
    'a=1\n',
    'a=[{',
    '"\\"',
  ])('ends on half a mebibyte of %j', (part) => {
    const text = `k = ${part.repeat(Math.floor(524_288 / part.length))}`;
    expect(locateToml(text).lines.of(['k'])).toBe(1);
  });
});
