import { html, type Markup } from './markup.ts';

/**
 * A fingerprint as people compare it: in groups of four, each a piece that is not broken over lines. The
 * gaps are the stylesheet's, so that what is copied is what commands take.
 */
export function fingerprintMarkup(fingerprint: string): Markup {
  const groups = fingerprint.match(/.{1,4}/gu) ?? [];
  return html`<code class="fingerprint"
    >${groups.map((group, index) => html`${index > 0 && html`<wbr />`}<span>${group}</span>`)}</code
  >`;
}
