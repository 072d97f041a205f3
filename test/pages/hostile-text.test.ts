import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../../src/pages/hostile-text.ts';

describe('hostileText', () => {
  it('CVE-2014-3207 isolates the text and escapes it', () => {
    expect(hostileText('Bob <bob@example.org>').text).toBe('<bdi>Bob &lt;bob@example.org&gt;</bdi>');
  });

  it('L18 writes a direction override as its code point', () => {
    expect(hostileText('a\u202Egnp.exe').text).toBe('<bdi>a<span class="unseen">U+202E</span>gnp.exe</bdi>');
  });

  it.each([
    ['NUL', '\u0000', 'U+0000'],
    ['a line feed', '\n', 'U+000A'],
    ['ESC', '\u001B', 'U+001B'],
    ['DEL', '\u007F', 'U+007F'],
    ['a C1 control', '\u0085', 'U+0085'],
    ['a zero-width space', '\u200B', 'U+200B'],
    ['an isolate', '\u2066', 'U+2066'],
    ['a line separator', '\u2028', 'U+2028'],
    ['a byte order mark', '\uFEFF', 'U+FEFF'],
    ['a tag character', '\u{E0041}', 'U+E0041'],
    ['a lone surrogate', '\uD800', 'U+D800'],
  ])('L18 makes %s visible', (_name, character, shown) => {
    expect(hostileText(`x${character}y`).text).toBe(`<bdi>x<span class="unseen">${shown}</span>y</bdi>`);
  });

  it('leaves names in other scripts, their joiners and emoji alone', () => {
    for (const name of ['Jürgen', 'میخواهم', 'می\u200Cخواهم', '👩\u200D💻', '陳大文']) {
      expect(hostileText(name).text).toBe(`<bdi>${name}</bdi>`);
    }
  });

  it('never lets an unseen character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(hostileText(text).text.replaceAll(/[\u200C\u200D]/gu, '')).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u,
        );
      }),
    );
  });
});
