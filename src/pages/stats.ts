import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html, type Markup } from './markup.ts';

function row([name, value]: readonly [string, string | number]): Markup {
  const cell =
    typeof value === 'number'
      ? html`<td class="number">${new Intl.NumberFormat('en').format(value)}</td>`
      : html`<td>${hostileText(value)}</td>`;
  return html`<tr>
    <th scope="row">${hostileText(name)}</th>
    ${cell}
  </tr>`;
}

/** Statistics, for a browser. */
export function stats(values: Readonly<Record<string, string | number>>): string {
  return layout(
    'Statistics',
    html`<h1>Statistics</h1>
      <table>
        <tbody>
          ${Object.entries(values).map(row)}
        </tbody>
      </table>`,
  );
}
