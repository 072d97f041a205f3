import { html, Markup } from './markup.ts';

/**
 * Characters that show nothing or change how their neighbours are shown: controls, format characters
 * (direction overrides, zero-width, tags), line and paragraph separators, lone surrogates. The joiners
 * U+200C and U+200D are left alone: names in several scripts need them and they cannot reorder text.
 */
const UNSEEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function codePoint(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${hex}`;
}

/**
 * Text that anyone may have written (a user ID, a search, a revocation reason) for display: escaped, its
 * unseen characters written as their code points, and isolated so that right-to-left text cannot move what
 * stands beside it (UAX #9 §6.3; HTML `bdi`). Of more than `most` UTF-16 units the rest is counted.
 */
export function hostileText(whole: string, most: number = Infinity): Markup {
  const text = whole.length > most ? whole.slice(0, most) : whole;
  const parts: Markup[] = [];
  let end = 0;
  for (const match of text.matchAll(UNSEEN)) {
    parts.push(html`${text.slice(end, match.index)}<span class="unseen">${codePoint(match[0])}</span>`);
    end = match.index + match[0].length;
  }
  parts.push(html`${text.slice(end)}`);
  if (whole.length > most) parts.push(html`<span class="unseen">and ${whole.length - most} more</span>`);
  return html`<bdi>${parts}</bdi>`;
}
