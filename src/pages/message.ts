import { LIST_OCTETS, within } from './budget.ts';
import { fingerprintMarkup } from './fingerprint.ts';
import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';

/** Characters of one line. A push of many certificates is one sentence for each. */
const LINE_LENGTH = 1500;

/** Messages are parts of sentences, for programs to put together. */
function sentence(line: string): string {
  const begun = line.slice(0, 1).toUpperCase() + line.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** An error or the outcome of a push, for a browser. Both come with text from outside in them. */
export function message(content: {
  readonly title: string;
  readonly lines: readonly string[];
  readonly keys?: readonly string[];
}): string {
  const { title, lines, keys = [] } = content;
  return layout(
    title,
    html`<h1>${hostileText(title)}</h1>
      ${within(lines, {
        octets: LIST_OCTETS,
        show: (line) => html`<p>${hostileText(sentence(line), LINE_LENGTH)}</p>`,
        rest: (left) => html`<p class="hint">And ${left.length} more.</p>`,
      })}
      ${
        keys.length > 0 &&
        html`<ul>
          ${keys.map((key) => html`<li><a href="/key/${key}">${fingerprintMarkup(key)}</a></li>`)}
        </ul>`
      }
      <p><a href="/">Search</a> or <a href="/push">push a key</a></p>`,
  );
}
