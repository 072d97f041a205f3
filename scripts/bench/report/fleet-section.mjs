import { fleetRows } from '../fleet-rows.mjs';
import { markdownTable, runInWords } from './markdown.mjs';

/**
 * @param {import('../fleet.mjs').FleetRun} run
 * @returns {import('./page.mjs').Section}
 */
export function fleetSection(run) {
  const { measured, sizes } = run;
  const text = [
    `${runInWords(run)} ${sizes.hosts} hosts by change log and ${sizes.sample} key by key, ${sizes.rounds} rounds; ` +
      'figures are of one host, and seconds of 10,000 of them are reckoned from those that were played.',
    markdownTable(fleetRows(measured, sizes)),
  ];
  return { text: text.join('\n\n'), plots: {} };
}
