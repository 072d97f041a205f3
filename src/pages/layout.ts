import { html, type Markup } from './markup.ts';
import { STYLE_PATH } from './style.ts';

/** A whole document. `title` is plain text; it comes before the name so that tabs can be told apart. */
export function layout(title: string, main: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title} · Vouch</title>
        <link rel="stylesheet" href="${STYLE_PATH}" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
      </head>
      <body>
        <header>
          <a class="name" href="/">Vouch</a>
          <nav><a href="/#push">Push a key</a> <a href="/pks/stats">Statistics</a></nav>
        </header>
        <main>${main}</main>
        <footer>Vouch, an HKP key server for SIF signing keys.</footer>
      </body>
    </html> `.text;
}
