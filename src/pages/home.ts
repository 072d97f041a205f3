import { commands } from './commands.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';
import { searchForm } from './search-form.ts';

/** `GET /` for a browser. */
export function home(facts: { readonly certificates: number; readonly origin: string | undefined }): string {
  const count = new Intl.NumberFormat('en').format(facts.certificates);
  return layout(
    'Keys for SIF images',
    html`<div class="hero">
        <h1>Keys that sign SIF images</h1>
        <p>
          This server holds the public keys of people and programs that sign container images. It holds
          ${count} ${facts.certificates === 1 ? 'key' : 'keys'}.
        </p>
        ${searchForm('')}
      </div>
      <div id="results"></div>
      <p class="notice">
        Names and e-mail addresses are not checked. Before you trust a key, compare its whole fingerprint with
        one you got from its owner.
      </p>
      <p>
        Singularity, Apptainer, GnuPG, Sequoia, curl and Vouch can push keys to it, search it and pull from
        it. With a browser, <a href="/push">push a key here</a>.
      </p>
      ${commands(facts.origin)}`,
  );
}
