import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, html } from '../../src/pages/markup.ts';

/** What a reader of HTML makes of escaped text. */
function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#96;', '`')
    .replaceAll('&amp;', '&');
}

describe('the html tag', () => {
  it('escapes every value that is not markup', () => {
    const hostile = `<script>alert("1")</script>&'\``;
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;&#96;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;&#96;</p>',
    );
  });

  it('puts markup in as it is, once', () => {
    expect(html`<p>${html`<b>${'<'}</b>`}</p>`.text).toBe('<p><b>&lt;</b></p>');
  });

  it('joins lists without separators and shows nothing for undefined and false', () => {
    expect(html`${['<', html`<br />`, 3, undefined, false, ['&']]}`.text).toBe('&lt;<br />3&amp;');
  });

  it('does not take an object that looks like markup for markup', () => {
    const forged = JSON.parse('{"text":"<script>"}') as string;
    expect(() => html`${forged}`).toThrow(TypeError);
  });
});

describe('escapeText', () => {
  it('leaves no character that could end text or a quoted attribute, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeText(text)).not.toMatch(/[<>"'`]|&(?!(?:amp|lt|gt|quot|#39|#96);)/u);
      }),
    );
  });

  it('is undone by a reader of HTML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decode(escapeText(text))).toBe(text);
      }),
    );
  });
});
