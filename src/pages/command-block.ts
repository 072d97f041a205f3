import { copyButton } from './copy-button.ts';
import { html, type Markup } from './markup.ts';

/** Lines to copy into a terminal or a file. A long line scrolls by itself, with the keyboard too. */
export function commandBlock(title: string, lines: readonly string[]): Markup {
  const text = lines.join('\n');
  return html`<div class="block">
    <div class="head">
      <h3>${title}</h3>
      ${copyButton(text, `the lines for ${title}`)}
    </div>
    <pre tabindex="0" role="group" aria-label="${title}"><code>${text}</code></pre>
  </div>`;
}
