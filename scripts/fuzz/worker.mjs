/* A thread that feeds one target until its time is over; `run.mjs` watches it and is told what came of it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createRandom } from '../crash/random.mjs';
import { Coverage } from './coverage.mjs';
import { Mutator } from './mutate.mjs';

/**
 * @typedef {{ target: string, module: string, seed: number, milliseconds: number, folder: string,
 *   real: string | undefined, current: SharedArrayBuffer }} Work
 *   `current`: how many inputs were begun, and the length and the octets of the one at work.
 */

/** @typedef {{ inputs: number, kept: number, slowest: number }} Feat  `slowest`: milliseconds of processor time. */

/** @type {Work} */
const work = workerData;
const counters = new Int32Array(work.current, 0, 2);
const room = new Uint8Array(work.current, 8);

// Before the target's code is loaded.
const coverage = new Coverage();
const random = createRandom(work.seed);
const kept = path.join(work.folder, work.target, 'corpus');
mkdirSync(kept, { recursive: true });

/** @type {{ open: (real: string | undefined) => Promise<import('./target.mjs').Target> }} */
const module = await import(work.module);
const target = await module.open(work.real);
const mutator = new Mutator(random, target);

/** @type {Feat} */
const feat = { inputs: 0, kept: 0, slowest: 0 };
/** @type {Uint8Array[]} */
const corpus = [];

/**
 * @param {Uint8Array} octets
 * @param {boolean} given it is one of those that the run begins with
 */
async function feed(octets, given) {
  room.set(octets.subarray(0, room.length));
  Atomics.store(counters, 1, octets.length);
  Atomics.add(counters, 0, 1);
  const before = process.cpuUsage();
  try {
    await target.feed(octets);
  } catch (error) {
    tell({ finding: describe(error), octets });
  }
  feat.inputs += 1;
  const { user, system } = process.cpuUsage(before);
  feat.slowest = Math.max(feat.slowest, Math.round((user + system) / 1000));
  if (coverage.news() === 0 && !given) return;
  corpus.push(octets);
  if (given) return;
  feat.kept += 1;
  const name = createHash('sha256').update(octets).digest('hex').slice(0, 24);
  writeFileSync(path.join(kept, name), octets);
}

/** @param {{ finding: string, octets: Uint8Array } | { feat: Feat }} what */
function tell(what) {
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(what);
}

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The newer ones more often: they are where something new was found. */
function chosen() {
  const from = random.chance(0.5) ? Math.floor(corpus.length * 0.75) : 0;
  return corpus[random.between(from, corpus.length - 1)] ?? Buffer.of();
}

const end = performance.now() + work.milliseconds;
for (const octets of target.seeds) await feed(octets, true);
for (const name of readdirSync(kept)) await feed(readFileSync(path.join(kept, name)), true);
while (performance.now() < end) {
  await feed(mutator.mutate(chosen(), chosen()), false);
  // Findings are told, and what the target left to be done later is done.
  if (feat.inputs % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await target.close?.();
tell({ feat });
