import type { CertificateState } from '../openpgp/state.ts';
import { TEXT_LENGTH, within } from './budget.ts';
import { certificateCard } from './certificate-card.ts';
import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { searchForm } from './search-form.ts';
import { NAMES_NOTICE } from './validity.ts';

const NOTHING = html`<p class="hint">
  A whole word of a name, an e-mail address, a fingerprint or a key ID finds a key; parts of words find
  nothing.
</p>`;

/** A page of twenty ordinary certificates needs less. */
const CARDS_OCTETS = 34_000;

/** Those that others have filled so that not all fit. */
function shortCards(certificates: readonly CertificateState[]): Markup {
  return html`<ul>
    ${certificates.map(
      ({ fingerprint }) =>
        html`<li>
          <a href="/key/${fingerprint}"><code>${fingerprint}</code></a>
        </li>`,
    )}
  </ul>`;
}

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
    html`<h1>${heading} for “${hostileText(found.search, TEXT_LENGTH)}”${more}</h1>
      ${searchForm(found.search)}
      <div id="results">
        ${count > 0 && NAMES_NOTICE} ${count === 0 && NOTHING}
        ${within(found.certificates, { octets: CARDS_OCTETS, show: certificateCard, rest: shortCards })}
        ${found.next !== undefined && html`<p><a rel="next" href="${found.next}">More keys</a></p>`}
      </div>`,
    'results',
  );
}
