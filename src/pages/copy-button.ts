import { html, type Markup } from './markup.ts';

/** Copies a text. Hidden until the script, which does the work, shows it. `what` is for those who hear pages. */
export function copyButton(text: string, what: string): Markup {
  return html`<button type="button" class="copy" data-copy="${text}" hidden>
    <span>Copy</span><span class="away"> ${what}</span>
  </button>`;
}
