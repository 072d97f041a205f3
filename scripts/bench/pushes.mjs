/**
 * `npm run bench -- pushes [--rounds 5]`: durable pushes of fresh keys, one in a request, beside SKS and beside what a
 * durable write costs on this disk, interleaved.
 */
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { armor, enums } from 'openpgp';
import { forEachAtOnce, push } from '../crash/keystore-client.mjs';
import { startServer } from '../interop/server-process.mjs';
import { certificateMaker } from './corpus.mjs';
import { median, percentile, short, table } from './figures.mjs';
import { GOALS, meets } from './goals.mjs';
import { measuredOf } from './measured.mjs';
import { buildSks, findSks, startSks } from './sks-server.mjs';

const PUSHES = 300;

/** Enough for the code of a push to be compiled: a server runs for weeks. */
const WARM_UP = 300;
const CONCURRENCY = /** @type {const} */ ([1, 8]);

/** Octets written before each fdatasync of the floor: about a certificate with its search terms. */
const FLOOR_OCTETS = 2048;
const FLOOR_COUNT = 200;

/**
 * What one durable write costs on this disk, with nothing else around it.
 *
 * @param {string} folder
 * @returns {Promise<number>} median in milliseconds
 */
async function fdatasyncFloor(folder) {
  const file = await open(path.join(folder, 'floor'), 'a');
  const block = Buffer.alloc(FLOOR_OCTETS, 7);
  const times = [];
  try {
    for (let count = 0; count < FLOOR_COUNT; count += 1) {
      const start = performance.now();
      await file.appendFile(block);
      await file.datasync();
      times.push(performance.now() - start);
    }
  } finally {
    await file.close();
  }
  return median(times);
}

/** Fresh keys, which no store of a round has: in armor with a checksum, without which SKS takes none. */
function freshKeys() {
  const make = certificateMaker();
  return Array.from({ length: WARM_UP + CONCURRENCY.length * PUSHES }, (_, index) =>
    armor(enums.armor.publicKey, make(index).bytes, undefined, undefined, undefined, true),
  );
}

/** @typedef {Record<'c1' | 'c8', { perSecond: number, p50: number, p99: number }>} Points */

/**
 * @param {string} url of a server that has none of the keys
 * @param {readonly string[]} keys
 * @returns {Promise<Points>}
 */
async function pushAll(url, keys) {
  await forEachAtOnce(keys.slice(0, WARM_UP), 1, (key) => push(url, [key]));
  const [c1, c8] = [await pushSome(url, keys, 0), await pushSome(url, keys, 1)];
  return { c1, c8 };
}

/**
 * @param {string} url
 * @param {readonly string[]} keys
 * @param {0 | 1} point
 */
async function pushSome(url, keys, point) {
  const from = WARM_UP + point * PUSHES;
  /** @type {number[]} */
  const times = [];
  const start = performance.now();
  await forEachAtOnce(keys.slice(from, from + PUSHES), CONCURRENCY[point], async (key) => {
    const begun = performance.now();
    await push(url, [key]);
    times.push(performance.now() - begun);
  });
  const perSecond = PUSHES / ((performance.now() - start) / 1000);
  return { perSecond, p50: median(times), p99: percentile(times, 0.99) };
}

/**
 * Pushes fresh keys into an empty store, each in a request of its own.
 *
 * @param {string} folder
 * @param {readonly string[]} [keys]
 */
export async function measurePushes(folder, keys = freshKeys()) {
  const before = await fdatasyncFloor(folder);
  const server = await startServer({ data: path.join(folder, 'pushes'), logFile: '/dev/null' });
  let points;
  try {
    points = await pushAll(server.url, keys);
  } finally {
    await server.stop();
  }
  return { floor: median([before, await fdatasyncFloor(folder)]), points };
}

/**
 * The same with SKS, which syncs nothing and verifies nothing.
 *
 * @param {string} sks
 * @param {string} folder
 * @param {readonly string[]} keys
 */
async function measureSks(sks, folder, keys) {
  const home = path.join(folder, 'sks');
  const seed = path.join(folder, 'seed.pgp');
  // It starts on a store that was built, and builds none of nothing.
  await writeFile(seed, certificateMaker()(keys.length).bytes);
  await buildSks(sks, home, seed);
  const server = await startSks(sks, home);
  try {
    return await pushAll(server.url, keys);
  } finally {
    await server.stop();
  }
}

/**
 * @param {{ rounds: number }} effort
 * @returns {Promise<readonly import('./goals.mjs').Measured[]>}
 */
export async function measurePushGoals({ rounds }) {
  const sks = await findSks();
  const keys = freshKeys();
  /** @type {{ floor: number, vouch: Points, sks: Points | undefined }[]} */
  const seen = [];
  for (let round = 0; round < rounds; round += 1) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-bench-pushes-'));
    try {
      await mkdir(folder, { recursive: true });
      const peer = () => (sks === undefined ? undefined : measureSks(sks, folder, keys));
      const first = round % 2 === 0 ? undefined : await peer();
      const { floor, points } = await measurePushes(folder, keys);
      seen.push({ floor, vouch: points, sks: first ?? (await peer()) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return measured(seen);
}

/** @param {readonly { floor: number, vouch: Points, sks: Points | undefined }[]} rounds */
function measured(rounds) {
  const p50 = rounds.map(({ vouch }) => vouch.c1.p50);
  const floors = rounds.map(({ floor }) => floor);
  const c1 = measuredOf(
    'P8 c1',
    { ours: p50, yardstick: floors },
    { 'p50 ms': median(p50), 'fdatasync ms': median(floors) },
    (ours, floor) => ours - floor,
  );
  const ours = rounds.map(({ vouch }) => vouch.c8.perSecond);
  const peers = rounds.flatMap(({ sks }) => sks?.c8.perSecond ?? []);
  if (peers.length < rounds.length) return [c1];
  const figures = { 'pushes/s': median(ours), 'SKS pushes/s': median(peers) };
  return [c1, measuredOf('P8 c8', { ours, yardstick: peers }, figures)];
}

/** @param {readonly string[]} args */
export async function benchPushes(args) {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string', default: '5' } } });
  console.log(goalTable(await measurePushGoals({ rounds: Number(values.rounds) })));
}

/** @param {readonly import('./goals.mjs').Measured[]} all */
export function goalTable(all) {
  const rows = all.map(({ goal, ratio, least = ratio, most = ratio, spread = 0, figures }) => {
    const { must, aim } = GOALS[goal] ?? {};
    const met = aim && meets(ratio, aim) ? 'aim' : must && meets(ratio, must) ? 'must' : 'missed';
    const made = Object.entries(figures).map(([name, value]) => `${short(value)} ${name}`);
    const range = `${short(least)}–${short(most)}`;
    return [goal, short(ratio), range, met, `±${short(spread * 100)} %`, made.join(', ')];
  });
  return table([['goal', 'ratio', 'range', 'meets', 'yardstick', 'of'], ...rows]);
}
