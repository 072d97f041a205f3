import { html, type Markup } from './markup.ts';

/** Octets of a page that lists of what others wrote may use; with the rest of it, it stays below 50 KB. */
export const LIST_OCTETS = 24_000;

/** Characters of one text from outside that are shown: a user ID may have 1024 octets. */
export const TEXT_LENGTH = 300;

/**
 * As many of the items, from the first on, as fit into `octets`. `rest` makes something short of those
 * that do not.
 */
export function within<T>(
  items: readonly T[],
  {
    octets,
    show,
    rest,
  }: {
    readonly octets: number;
    readonly show: (item: T) => Markup;
    readonly rest: (items: readonly T[]) => Markup;
  },
): Markup {
  const shown: Markup[] = [];
  let used = 0;
  for (const item of items) {
    const markup = show(item);
    used += Buffer.byteLength(markup.text);
    if (used > octets) break;
    shown.push(markup);
  }
  return html`${shown}${shown.length < items.length && rest(items.slice(shown.length))}`;
}
