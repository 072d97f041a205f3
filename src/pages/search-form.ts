import { html, type Markup } from './markup.ts';

/** The search box; `search` is what was asked last. */
export function searchForm(search: string): Markup {
  return html`<form action="/pks/lookup" method="get" role="search">
    <input type="hidden" name="op" value="index" />
    <label for="search">Fingerprint, key ID, e-mail address or name</label>
    <div class="search">
      <input
        id="search"
        name="search"
        type="search"
        required
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        maxlength="1024"
        value="${search}"
      />
      <button>Search</button>
    </div>
  </form>`;
}
