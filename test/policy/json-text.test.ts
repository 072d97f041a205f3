import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../src/policy/error.ts';
import { parseJson } from '../../src/policy/json-text.ts';
import { MAX_NESTING } from '../../src/policy/limits.ts';

function message(text: string): string {
  try {
    parseJson(text, 'p.json');
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'BAD_SYNTAX') return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof PolicyError || error instanceof SyntaxError) return 'refused';
    throw error;
  }
}

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), undefined, indent);
        expect(JSON.stringify(parseJson(text, 'p').value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('reads or refuses what JSON.parse reads or refuses, but for keys given twice', () => {
    const words = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '01',
      '1.5e3',
      'null',
      'true',
      ' ',
      '\n',
      '"\\x"',
      '"\u0001"',
      'nul',
      '"',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        if (/"(a|b)".*"\1"/s.test(text)) return;
        expect(outcome(() => parseJson(text, 'p').value)).toEqual(outcome(() => JSON.parse(text) as unknown));
      }),
      { numRuns: 2000 },
    );
  });

  it('knows the line of every key', () => {
    const { lines } = parseJson('{\n"a": 1,\n"b": [\n{"c":\n2}]}', 'p');
    expect([['a'], ['b'], ['b', 0], ['b', 0, 'c'], ['b', 0, 'd'], []].map((path) => lines.of(path))).toEqual([
      2, 3, 4, 4, 4, 1,
    ]);
  });

  it('AD19: refuses a key that is given twice, spelled in whichever way', () => {
    expect(message('{"a": 1,\n"\\u0061": 2}')).toBe('p.json:2: the key "a" is given twice; keep one of them');
    expect(message('{"__proto__": 1, "__proto__": 1}')).toContain('given twice');
  });

  it('keeps the key __proto__ a key', () => {
    const { value } = parseJson('{"__proto__": {"version": 1}}', 'p');
    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
    expect((value as Record<string, unknown>)['version']).toBeUndefined();
  });

  it('says in which line it ends', () => {
    expect(message('{"a": 1}\n x')).toBe('p.json:2: there is something after the end of the JSON value');
    expect(message('{"a":\n\n')).toBe('p.json:3: expected a JSON value');
    expect(message('{"a" 1}')).toBe('p.json:1: expected ":"');
  });

  it('refuses lists within lists without end', () => {
    expect(message('['.repeat(100_000))).toContain('nested deeper');
    const deep = '['.repeat(MAX_NESTING) + ']'.repeat(MAX_NESTING);
    expect(JSON.stringify(parseJson(deep, 'p').value)).toBe(deep);
  });

  it('reads long texts', () => {
    const long = JSON.stringify('\\"'.repeat(250_000));
    expect(parseJson(long, 'p').value).toBe('\\"'.repeat(250_000));
  });
});
