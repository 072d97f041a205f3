import { short } from '../figures.mjs';
import { NODES_HEAD, nodesRow } from '../nodes-row.mjs';
import { markdownTable, runInWords } from './markdown.mjs';

/**
 * @param {import('../nodes.mjs').NodesRun} run
 * @returns {import('./page.mjs').Section}
 */
export function nodesSection(run) {
  const { size, rounds, seconds, subjects } = run;
  const text = [
    `${runInWords(run)} ${short(size)} certificates, medians of ${rounds} rounds of ${seconds} s of lookups at 16 ` +
      'connections and of 300 pushes of new keys, 8 at once; × is to the embedded store in the same round. The ' +
      'processor time is that of everything that serves: nodes, nginx and PostgreSQL.',
    markdownTable([NODES_HEAD, ...subjects.map(nodesRow)]),
  ];
  return { text: text.join('\n\n'), plots: {} };
}
