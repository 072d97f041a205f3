import { html, type Markup } from './markup.ts';

/** The day, in UTC, of a time in seconds since 1970. */
export function isoDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** As `isoDay`, marked up as a time. */
export function dateMarkup(seconds: number): Markup {
  const iso = new Date(seconds * 1000).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)}</time>`;
}
