/*
 * docs/performance.md and docs/scaling.md: text by hand, and between marks the last run of each benchmark with its plots
 * and what follows from it. A run is kept beside them as JSON, so that every figure can be traced to its machine.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { connectionsSection } from './connections-section.mjs';
import { fleetScalingSection } from './fleet-scaling-section.mjs';
import { fleetSection } from './fleet-section.mjs';
import { goalsSection } from './goals-section.mjs';
import { growthSection } from './growth-section.mjs';
import { nodesSection } from './nodes-section.mjs';
import { scalingSection } from './scaling-section.mjs';

const FOLDER = 'performance';

/**
 * What a run looks like on a page; `plots` by the name of their file, without its ending.
 *
 * @typedef {{ text: string, plots: Readonly<Record<string, string>> }} Section
 */

/** By page and by the name of the run. @type {Readonly<Record<string, Readonly<Record<string, (run: any) => Section>>>>} */
const PAGES = {
  'performance.md': {
    goals: goalsSection,
    connections: connectionsSection,
    growth: growthSection('growth'),
    'growth-postgres': growthSection('growth-postgres'),
    nodes: nodesSection,
    fleet: fleetSection,
  },
  'scaling.md': {
    growth: scalingSection,
    'growth-postgres': scalingSection,
    fleet: fleetScalingSection,
  },
};

/**
 * Keeps the run of a benchmark and writes the pages anew.
 *
 * @param {string} folder of the pages
 * @param {string} name of the benchmark
 * @param {unknown} run
 */
export async function keepRun(folder, name, run) {
  await mkdir(path.join(folder, FOLDER), { recursive: true });
  const text = await format(JSON.stringify(run), { parser: 'json', printWidth: 110 });
  await writeFile(path.join(folder, FOLDER, `${name}.json`), text);
  await writeReport(folder);
}

/**
 * The pages and their plots from the runs that are kept.
 *
 * @param {string} folder
 */
export async function writeReport(folder) {
  for (const [name, sections] of Object.entries(PAGES)) {
    const file = path.join(folder, name);
    let page = await readFile(file, 'utf8');
    for (const [run, section] of Object.entries(sections)) {
      const kept = await readFile(path.join(folder, FOLDER, `${run}.json`), 'utf8').catch(() => undefined);
      if (kept === undefined) continue;
      const { text, plots } = section(JSON.parse(kept));
      for (const [plot, svg] of Object.entries(plots)) {
        await writeFile(path.join(folder, FOLDER, `${plot}.svg`), svg);
      }
      page = between(page, run, text);
    }
    await writeFile(file, await format(page, { parser: 'markdown', printWidth: 110, singleQuote: true }));
  }
}

/**
 * @param {string} page
 * @param {string} name
 * @param {string} text
 */
function between(page, name, text) {
  const [begin, end] = [`<!-- measured: ${name} -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no ${begin} … ${end}`);
  return `${before}${begin}\n\n${text.trim()}\n\n${end}${after}`;
}
