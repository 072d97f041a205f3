import { short } from '../figures.mjs';
import { connectionRows } from '../connection-rows.mjs';
import { linePlot } from './line-plot.mjs';
import { markdownTable, runInWords } from './markdown.mjs';

/**
 * @param {import('../connections.mjs').ConnectionRun} run
 * @returns {import('./page.mjs').Section}
 */
export function connectionsSection(run) {
  const { size, rounds, seconds, points } = run;
  const text = [
    `${runInWords(run)} ${short(size)} certificates as key servers hold them; medians of ${rounds} rounds of ${seconds} s.`,
    '![Requests per second by connections](performance/connections-rate.svg) ' +
      '![99th percentile of the time of a request by connections](performance/connections-tail.svg)',
    markdownTable(connectionRows(points)),
  ];
  /**
   * @param {string} title
   * @param {string} y
   * @param {(sample: import('../connections.mjs').ConnectionSample) => number} figure
   */
  const plot = (title, y, figure) =>
    linePlot({
      title,
      text: `${title}, of the keystore and of a bare node:http server with the same answers in memory.`,
      x: 'connections',
      y,
      lines: [
        { name: 'vouch', colour: 'one', points: points.map((at) => [at.connections, figure(at.vouch)]) },
        { name: 'bare http', colour: 'two', points: points.map((at) => [at.connections, figure(at.bare)]) },
      ],
    });
  return {
    text: text.join('\n\n'),
    plots: {
      'connections-rate': plot('Lookups by connections', 'requests a second', ({ perSecond }) => perSecond),
      'connections-tail': plot('The slowest of a hundred lookups', 'p99, ms', ({ p99 }) => p99),
    },
  };
}
