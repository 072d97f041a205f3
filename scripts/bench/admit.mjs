/**
 * `npm run bench -- admit [--gib 4] [--rounds 5] [--requests 2000] [--starts 21] [--folder DIR] [--json FILE]`
 *
 * The trust daemon beside what bounds it, in one run and in turns: a decision about an image that is known beside
 * node:http that answers from memory on the same kind of socket; programs that ask beside curl and an empty program; a
 * cold image beside `openssl dgst -sha256`; 1,000 requests at once for a cold image beside one. Read the ratios first.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureCold, measureCrowd } from './admit-cold.mjs';
import { prepareHost } from './admit-host.mjs';
import { measureLatency } from './admit-latency.mjs';
import { measureStarts } from './admit-starts.mjs';
import { table } from './figures.mjs';
import { goalRow, HEAD } from './goal-row.mjs';

/** @typedef {{ gib: number, rounds: number, requests: number, starts: number }} AdmitSizes `gib` 0: no large image */

/** @param {readonly string[]} args */
export async function benchAdmit(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      gib: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '5' },
      requests: { type: 'string', default: '2000' },
      starts: { type: 'string', default: '21' },
      folder: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const sizes = {
    gib: Number(values.gib),
    rounds: Number(values.rounds),
    requests: Number(values.requests),
    starts: Number(values.starts),
  };
  const measured = await measureAdmit(sizes, values.folder);
  console.log(table([HEAD, ...measured.map(goalRow)]));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(measured, null, 2)}\n`);
}

/**
 * P12, P13, P15, P16, P22 and P23.
 *
 * @param {AdmitSizes} sizes
 * @param {string} [parent] where its files are until it ends
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureAdmit(sizes, parent = os.tmpdir()) {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(path.resolve(parent), 'va-'));
  try {
    const host = await prepareHost(folder);
    return [
      ...(await measureCold(host, sizes)),
      ...(await measureStarts(host, sizes)),
      ...(await measureLatency(host, sizes)),
      ...(await measureCrowd(host, sizes)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
