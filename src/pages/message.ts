import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';

/** An error or the outcome of a push, for a browser. Both come with text from outside in them. */
export function message(content: { readonly title: string; readonly lines: readonly string[] }): string {
  return layout(
    content.title,
    html`<h1>${hostileText(content.title)}</h1>
      ${content.lines.map((line) => html`<p>${hostileText(line)}</p>`)}
      <p><a href="/">Search or push a key</a></p>`,
  );
}
