import type { CertificateState } from '../openpgp/state.ts';
import { certificateCard } from './certificate-card.ts';
import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';
import { searchForm } from './search-form.ts';

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
      ${
        count > 0 &&
        html`<p class="notice">
          Names and e-mail addresses are not checked: anyone can make a key with any name. Compare the whole
          fingerprint with one you got from the key's owner.
        </p>`
      }
      ${found.certificates.map(certificateCard)}
      ${found.next !== undefined && html`<p><a rel="next" href="${found.next}">More keys</a></p>`}`,
  );
}
