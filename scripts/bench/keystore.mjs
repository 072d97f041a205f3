/**
 * `npm run bench -- keystore [--only bare,sks,growth,endurance,pushes] [--rounds 5] [--seconds 2] [--folder DIR]
 * [--json FILE]`
 *
 * The keystore beside a bare node:http server with the same answers in memory and beside SKS, in one run; pushes
 * beside the fdatasync of this disk. Read the ratios first: requests per second belong to this machine, ratios less
 * so. DIR keeps certificates and stores for the next run; `growth` makes a store of a million certificates.
 */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { short, table } from './figures.mjs';
import { GOALS, meets } from './goals.mjs';
import { measureBesideBare, measureBesideSks, measureEndurance, measureGrowth } from './keystore-goals.mjs';
import { measurePushes } from './pushes.mjs';

/** Where the yardstick itself moved by more than this, its ratios say nothing. */
const MAX_SPREAD = 0.15;

/** @param {readonly import('./goals.mjs').Measured[]} measured */
function goalTable(measured) {
  const head = ['goal', 'ratio', 'range', 'must', 'aim', 'of', 'note'];
  const rows = measured.map(({ goal, ratio, least = ratio, most = ratio, spread = 0, figures }) => {
    const { what, must, aim } = GOALS[goal] ?? {};
    return [
      `${goal}: ${what}`,
      short(ratio),
      `${short(least)}–${short(most)}`,
      must === undefined ? '' : `${boundText(must)} ${meets(ratio, must) ? 'yes' : 'NO'}`,
      aim === undefined ? '' : `${boundText(aim)} ${meets(ratio, aim) ? 'yes' : 'no'}`,
      Object.entries(figures)
        .map(([name, value]) => `${short(value)} ${name}`)
        .join(', '),
      spread > MAX_SPREAD ? `void: the yardstick varied by ${short(spread * 100)} %` : '',
    ];
  });
  return table([head, ...rows]);
}

/** @param {import('./goals.mjs').Bound} bound */
function boundText(bound) {
  return 'over' in bound ? `≥ ${short(bound.over)}` : `≤ ${short(bound.under)}`;
}

/** @param {Awaited<ReturnType<typeof measurePushes>>} pushes */
function pushTable({ floor, points }) {
  const rows = Object.entries(points).map(([name, { perSecond, p50, p99 }]) => [
    name,
    short(p50 / floor),
    short(p50 - floor),
    short(perSecond),
    short(p50),
    short(p99),
  ]);
  const head = ['pushes', 'p50 × fdatasync', 'p50 − fdatasync ms', 'push/s', 'p50 ms', 'p99 ms'];
  return `${table([head, ...rows])}\nfdatasync of this disk: ${short(floor)} ms`;
}

/** What is measured with `--only NAME`. */
const PARTS = {
  bare: measureBesideBare,
  sks: measureBesideSks,
  growth: measureGrowth,
  endurance: measureEndurance,
};

/** @param {readonly string[]} args */
export async function benchKeystore(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: 'bare,sks' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      folder: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const folder =
    values.folder === undefined
      ? await mkdtemp(path.join(os.tmpdir(), 'vouch-bench-'))
      : path.resolve(values.folder);
  await mkdir(folder, { recursive: true });
  const options = { folder, rounds: Number(values.rounds), seconds: Number(values.seconds) };
  try {
    const measured = [];
    for (const [name, measure] of Object.entries(PARTS)) {
      if (values.only.split(',').includes(name)) measured.push(...(await measure(options)));
    }
    console.log(goalTable(measured));
    const pushFolder = await mkdtemp(path.join(folder, 'pushes-'));
    const pushes = values.only.includes('pushes') ? await measurePushes(pushFolder) : undefined;
    await rm(pushFolder, { recursive: true, force: true });
    if (pushes !== undefined) console.log(`\n${pushTable(pushes)}`);
    const report = { node: process.version, measured, pushes: pushes ?? null };
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    if (values.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}
