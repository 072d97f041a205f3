import type { CertificateState } from '../openpgp/state.ts';
import { certificateCard } from './certificate-card.ts';
import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';
import { searchForm } from './search-form.ts';
import { NAMES_NOTICE } from './validity.ts';

const NOTHING = html`<p class="hint">
  A whole word of a name, an e-mail address, a fingerprint or a key ID finds a key; parts of words find
  nothing.
</p>`;

/** Answer to a search, for a browser. */
export function results(found: {
  readonly search: string;
  readonly certificates: readonly CertificateState[];
  readonly next: string | undefined;
}): string {
  const count = found.certificates.length;
  const heading = count === 0 ? 'No key' : count === 1 ? '1 key' : `${count} keys`;
  const more = found.next === undefined ? '' : ' on this page';
  return layout(
    `${heading} found`,
    html`<h1>${heading} for “${hostileText(found.search)}”${more}</h1>
      ${searchForm(found.search)}
      <div id="results">
        ${count > 0 && NAMES_NOTICE} ${count === 0 && NOTHING} ${found.certificates.map(certificateCard)}
        ${found.next !== undefined && html`<p><a rel="next" href="${found.next}">More keys</a></p>`}
      </div>`,
    'results',
  );
}
