import type { DayCount, StatsPage } from '../hkp/html.ts';
import { isoDay } from './date.ts';
import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { plot } from './plot.ts';

const NAMES: ReadonlyMap<string, string> = new Map([
  ['software', 'Software'],
  ['version', 'Version'],
  ['certificates', 'Keys held'],
  ['changes', 'Changes since the beginning'],
]);

function row([name, value]: readonly [string, string | number]): Markup {
  const cell =
    typeof value === 'number'
      ? html`<td class="number">${new Intl.NumberFormat('en').format(value)}</td>`
      : html`<td class="number">${hostileText(value)}</td>`;
  return html`<tr>
    <th scope="row">${hostileText(NAMES.get(name) ?? name)}</th>
    ${cell}
  </tr>`;
}

/** Statistics, for a browser. */
export function stats({ values, days, now }: StatsPage): string {
  return layout(
    'Statistics',
    html`<h1>Statistics</h1>
      <h2>Keys over time</h2>
      ${plot(days, now)} ${days.length > 0 && table(days)}
      <h2>This server</h2>
      <table>
        <tbody>
          ${Object.entries(values).map(row)}
        </tbody>
      </table>`,
  );
}

/** Months of the table. */
const MAX_MONTHS = 24;

/** What the plot shows, for those who read numbers or hear pages. */
function table(days: readonly DayCount[]): Markup {
  const months = new Map(
    days.map(({ day, certificates }) => [isoDay(day * 86_400).slice(0, 7), certificates]),
  );
  return html`<details>
    <summary>The same as a table</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">Month</th>
          <th scope="col" class="number">Keys at its end</th>
        </tr>
      </thead>
      <tbody>
        ${[...months].slice(-MAX_MONTHS).map(row)}
      </tbody>
    </table>
  </details>`;
}
