/**
 * `npm run bench -- goals [--only P1,P16] [--quick] [--install] [--json FILE] [--report DIR]`
 *
 * Every benchmark that has a goal, and all figures in one table. `--report docs` keeps the run in
 * DIR/performance/goals.json and writes DIR/performance.md and its plots anew. Peers that are missing are installed
 * with `--install` and in CI only. Exit 1: a benchmark failed, or a figure that is worth something misses what it must
 * reach; none of a `--quick` run is.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { table } from './figures.mjs';
import { GOALS, verdictOf } from './goals.mjs';
import { goalRow, HEAD } from './goal-row.mjs';
import { describeMachine, machineInWords } from './machine.mjs';
import { providePeers } from './peers.mjs';
import { keepRun } from './report/page.mjs';
import { SUITES } from './suites.mjs';

/**
 * @typedef {object} GoalRun
 * @property {string} began ISO 8601
 * @property {number} minutes
 * @property {boolean} quick
 * @property {import('./machine.mjs').Machine} machine
 * @property {readonly import('./goals.mjs').Measured[]} measured
 * @property {Readonly<Record<string, string>>} failed Why, by name of the benchmark.
 */

/** @param {readonly string[]} args */
export async function benchGoals(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      install: { type: 'boolean', default: process.env['CI'] !== undefined },
      json: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const isWanted = wanted(values.only);
  const run = await measureGoals(isWanted, values.quick, values.install);
  console.log(`\n${machineInWords(run.machine)}\n`);
  console.log(table([HEAD, ...run.measured.map(goalRow)]));
  for (const name of Object.keys(GOALS)) {
    if (isWanted(name) && !run.measured.some(({ goal }) => goal === name))
      console.log(`${name}: not measured`);
  }
  for (const [name, message] of Object.entries(run.failed)) console.error(`${name} failed: ${message}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(run, null, 2)}\n`);
  if (values.report !== undefined) await keepRun(values.report, 'goals', run);
  if (run.quick) console.log('A quick run: few rounds, to see that it works. Its figures are worth little.');
  const missed = !run.quick && run.measured.some((one) => verdictOf(one) === 'missed');
  if (missed || Object.keys(run.failed).length > 0) process.exitCode = 1;
}

/**
 * `P3` wants all of `P3 c16` and `P3 c64`.
 *
 * @param {string | undefined} only
 * @returns {(goal: string) => boolean}
 */
function wanted(only) {
  const names = only?.split(',').map((name) => name.trim());
  for (const name of names ?? []) {
    if (!Object.keys(GOALS).some((goal) => isOf(goal, name)))
      throw new RangeError(`there is no goal "${name}"`);
  }
  return (goal) => names === undefined || names.some((name) => isOf(goal, name));
}

/**
 * @param {string} goal
 * @param {string} name
 */
function isOf(goal, name) {
  return goal === name || goal.startsWith(`${name} `);
}

/**
 * @param {(goal: string) => boolean} isWanted
 * @param {boolean} quick
 * @param {boolean} mayInstall
 * @returns {Promise<GoalRun>}
 */
async function measureGoals(isWanted, quick, mayInstall) {
  const suites = SUITES.filter(({ goals }) => goals.some(isWanted));
  const began = new Date();
  const missing = await providePeers([...new Set(suites.flatMap(({ peers }) => peers))], mayInstall);
  /** @type {import('./goals.mjs').Measured[]} */
  const measured = [];
  /** @type {Record<string, string>} */
  const failed = {};
  for (const { name, peers, measure } of suites) {
    const without = peers.filter((peer) => missing.has(peer));
    console.error(without.length > 0 ? `${name}: left out, no ${without.join(', ')}` : `${name}:`);
    if (without.length > 0) continue;
    try {
      measured.push(...(await measure({ quick })).filter(({ goal }) => isWanted(goal)));
    } catch (error) {
      failed[name] = error instanceof Error ? error.message : String(error);
    }
  }
  const order = Object.keys(GOALS);
  measured.sort((one, other) => order.indexOf(one.goal) - order.indexOf(other.goal));
  const minutes = Math.round((Date.now() - began.getTime()) / 60_000);
  return { began: began.toISOString(), minutes, quick, machine: await describeMachine(), measured, failed };
}
