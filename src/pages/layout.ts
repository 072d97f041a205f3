import { html, type Markup } from './markup.ts';
import { SCRIPT_PATH } from './script.ts';
import { STYLE_PATH } from './style.ts';

/** Whether the heading of a page is about a search, which the script keeps true. */
export type PageKind = 'plain' | 'results';

/** A whole document. `title` is plain text; it comes before the name so that tabs can be told apart. */
export function layout(title: string, main: Markup, kind: PageKind = 'plain'): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="same-origin" />
        <title>${title} · Vouch</title>
        <link rel="stylesheet" href="${STYLE_PATH}" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <script src="${SCRIPT_PATH}" defer></script>
      </head>
      <body data-page="${kind}">
        <a class="skip" href="#main">To the content</a>
        <header>
          <div class="bar">
            <a class="name" href="/"><img src="/favicon.svg" alt="" width="24" height="24" /> Vouch</a>
            <nav aria-label="Pages">
              <a href="/">Search</a> <a href="/push">Push a key</a> <a href="/pks/stats">Statistics</a>
              <a href="/auth/tokens">Tokens</a>
            </nav>
          </div>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <p id="said" class="away" role="status"></p>
        <footer>
          Vouch, an HKP key server for SIF signing keys. Names are not checked here: compare fingerprints.
        </footer>
      </body>
    </html> `.text;
}
