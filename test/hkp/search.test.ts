import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HkpError } from '../../src/hkp/error.ts';
import { foldText, wordsOf } from '../../src/hkp/fold.ts';
import { MAX_SEARCH_WORDS } from '../../src/hkp/limits.ts';
import { parseSearch, termsOf } from '../../src/hkp/search.ts';

const kinds = (raw: string): string[] => parseSearch(raw).map(({ kind, value }) => `${kind} ${value}`);
const attempt = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

describe('parseSearch', () => {
  it.each([
    ['0xDEADBEEF', ['short DEADBEEF']],
    ['0x8812f24a2bf9e16', ['keyid 08812F24A2BF9E16']],
    [`0x${'a'.repeat(64)}`, [`fingerprint ${'A'.repeat(64)}`]],
    [`0x${'A'.repeat(32)}`, [`digest ${'a'.repeat(32)}`]],
    ['deadbeef', ['short DEADBEEF', 'text deadbeef']],
    ['beef', ['text beef']],
    ['a+b@c.d', ['email a+b@c.d', 'text a+b@c.d', 'text a b@c.d']],
    ['a%20b@c.d', ['email a+b@c.d', 'text a b@c.d']],
    ['%3Ca@b%3E', ['email a@b', 'text a@b']],
    ['Alice+Smith', ['text Alice+Smith', 'text Alice Smith']],
    ['Alice%20<a@b>', ['text Alice <a@b>']],
    ['@example.org', ['text @example.org']],
  ])('reads %s as %j', (raw, expected) => {
    expect(kinds(raw)).toEqual(expected);
  });

  it.each([
    [undefined, 'MISSING_SEARCH'],
    ['', 'MISSING_SEARCH'],
    ['%20', 'MISSING_SEARCH'],
    ['0x', 'BAD_SEARCH'],
    ['0x123', 'BAD_SEARCH'],
    ['%', 'BAD_PERCENT'],
    ['a'.repeat(1025), 'SEARCH_TOO_LONG'],
    ['a'.repeat(100_000), 'SEARCH_TOO_LONG'],
  ])('refuses %.20j with %s', (raw, expected) => {
    expect(attempt(() => parseSearch(raw))).toMatchObject({ code: expected });
  });

  it('gives a few alternatives for any text, or an error of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.boolean(), (text, encoded) => {
        const raw = encoded ? encodeURIComponent(text) : text;
        const outcome = attempt(() => parseSearch(raw).map((search) => termsOf(search, false)));
        const few = Array.isArray(outcome) && outcome.length > 0 && outcome.length <= 6;
        expect(outcome instanceof HkpError || (few && outcome.every((terms) => terms.length > 0))).toBe(true);
      }),
    );
  });
});

describe('termsOf', () => {
  const text = (value: string) => ({ kind: 'text', value }) as const;

  it('asks for all words of a text, and for the whole when it must be exact', () => {
    expect(termsOf(text('Bob of BOB'), false)).toEqual([
      { kind: 'word', value: 'bob' },
      { kind: 'word', value: 'of' },
    ]);
    expect(termsOf(text('Bob of BOB'), true)).toEqual([{ kind: 'userid', value: 'bob of bob' }]);
  });

  it('asks for the whole of a text without words or with very many', () => {
    expect(termsOf(text('***'), false)).toEqual([{ kind: 'userid', value: '***' }]);
    const many = Array.from({ length: MAX_SEARCH_WORDS + 1 }, (_, i) => `w${i}`).join(' ');
    expect(termsOf(text(many), false)).toEqual([{ kind: 'userid', value: many }]);
  });

  it('folds addresses', () => {
    expect(termsOf({ kind: 'email', value: 'Bob@EXAMPLE.org' }, true)).toEqual([
      { kind: 'email', value: 'bob@example.org' },
    ]);
  });
});

describe('folding', () => {
  it.each([
    ['STRASSE', 'stra\u00DFe'],
    ['\uFB01n', 'FIN'],
    ['M\u00DCLLER', 'mu\u0308ller'],
    ['\uFF21\uFF22', 'ab'],
  ])('makes %s and %s the same', (a, b) => {
    expect(foldText(a)).toBe(foldText(b));
  });

  it('of folded text changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const folded = foldText(text);
        expect(wordsOf(folded)).toEqual(wordsOf(text));
      }),
    );
  });

  it('finds words in every script', () => {
    expect(wordsOf('J\u00F6rg M\u00FCller (\u65E5\u672C\u8A9E) <j.m@x-y.org>')).toEqual([
      'j\u00F6rg',
      'm\u00FCller',
      '\u65E5\u672C\u8A9E',
      'j',
      'm',
      'x',
      'y',
      'org',
    ]);
  });
});
