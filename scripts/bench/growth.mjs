/**
 * `npm run bench -- growth [--postgres] [--sizes 10000,100000,1000000] [--rounds 3] [--seconds 2] [--folder DIR]
 * [--report DIR]`
 *
 * How cost grows with the store: loading it, its disk and memory, lookups, searches, the change log, a backup, a check.
 * Small certificates, so that their number is what counts. The sizes take turns in each round; DIR keeps the stores for
 * the next run, whose load is then told as it was when it was loaded. A million takes some ten minutes to load. With
 * `--postgres` in a PostgreSQL of its own, which is made for the run; its processor time counts, too.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServer } from '../interop/server-process.mjs';
import { median, percentile, short, table } from './figures.mjs';
import { CHANGES, GROWTH_ROWS } from './growth-rows.mjs';
import { findLoadGenerator } from './load-generator.mjs';
import { describeMachine } from './machine.mjs';
import { withPostgres } from './postgres-database.mjs';
import { memory, processorTime } from './process-figures.mjs';
import { keepRun } from './report/page.mjs';
import { prepareSmallStore } from './small-store.mjs';
import { timedRuns } from './timed-run.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Requests one after the other for what is not asked for all the time. */
const SINGLE_REQUESTS = 200;

/**
 * @typedef {{ perSecond: number, p50: number, p99: number, processor: number }} LoadPoint
 *   Milliseconds, and microseconds of processor time per request.
 * @typedef {{ get: LoadPoint, index: LoadPoint, word: number, changes: number, start: number,
 *   resident: number, anonymous: number }} GrowthSample
 *   `word`, `changes`: milliseconds of a request, p50; `start`: milliseconds to the first answer; memory in MiB.
 * @typedef {{
 *   size: number, load: import('./small-store.mjs').LoadFigures, sample: GrowthSample,
 *   backup: { seconds: number, octets: number, peak: number }, check: { seconds: number, peak: number },
 * }} GrowthPoint Medians of the rounds.
 * @typedef {{ began: string, machine: import('./machine.mjs').Machine, rounds: number, seconds: number,
 *   points: readonly GrowthPoint[] }} GrowthRun
 */

/** @param {readonly string[]} args */
export async function benchGrowth(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '10000,100000,1000000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      postgres: { type: 'boolean', default: false },
      folder: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const folder =
    values.folder === undefined
      ? await mkdtemp(path.join(os.tmpdir(), 'vouch-growth-'))
      : path.resolve(values.folder);
  try {
    await mkdir(folder, { recursive: true });
    const sizes = values.sizes.split(',').map(Number);
    const effort = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
    const run = values.postgres
      ? await withPostgres((database) => measureGrowth(folder, sizes, effort, database))
      : await measureGrowth(folder, sizes, effort);
    console.log(growthTable(run.points));
    const name = values.postgres ? 'growth-postgres' : 'growth';
    if (values.report !== undefined) await keepRun(values.report, name, run);
  } finally {
    if (values.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {readonly number[]} sizes
 * @param {{ rounds: number, seconds: number }} effort
 * @param {import('./postgres-database.mjs').Database} [database]
 * @returns {Promise<GrowthRun>}
 */
async function measureGrowth(folder, sizes, { rounds, seconds }, database) {
  const began = new Date().toISOString();
  const stores = [];
  for (const size of sizes) {
    stores.push(await prepareSmallStore(folder, size, await database?.make(`size${size}`)));
  }
  const { generate } = await findLoadGenerator([]);
  /** @type {Map<number, GrowthSample[]>} */
  const samples = new Map(sizes.map((size) => [size, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const store of round % 2 === 0 ? stores : stores.toReversed()) {
      samples.get(store.size)?.push(await sampleStore(store, generate, seconds, database));
    }
    console.error(`  round ${round + 1} of ${rounds}`);
  }
  const points = [];
  for (const store of stores) {
    const sample = medianSample(samples.get(store.size) ?? []);
    points.push({ size: store.size, load: store.load, sample, ...(await upkeep(folder, store)) });
  }
  return { began, machine: await describeMachine(), rounds, seconds, points };
}

/**
 * @param {import('./small-store.mjs').SmallStore} store
 * @param {import('./load-generator.mjs').LoadGenerator} generate
 * @param {number} seconds
 * @param {import('./postgres-database.mjs').Database} [database]
 * @returns {Promise<GrowthSample>}
 */
async function sampleStore(store, generate, seconds, database) {
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const env = { ...inherited, ...store.env, NODE_ENV: 'production' };
  const began = performance.now();
  const server = await startServer({ data: store.data, env, logFile: path.join(store.data, '..', 'log') });
  try {
    await timeOf(`${server.url}/healthz`);
    const start = performance.now() - began;
    const spent = async () => (await processorTime(server.pid)) + ((await database?.processorTime()) ?? 0);
    /** @param {'fingerprint' | 'email'} kind */
    const under = async (kind) => {
      const load = { url: server.url, paths: store.paths[kind], connections: 16 };
      await generate({ ...load, seconds: 1 });
      const used = await spent();
      const result = await generate({ ...load, seconds });
      return {
        perSecond: result.requests / (result.microseconds / 1e6),
        p50: result.p50 / 1000,
        p99: result.p99 / 1000,
        processor: ((await spent()) - used) / result.requests,
      };
    };
    const get = await under('fingerprint');
    const index = await under('email');
    const word = await single(() => `${server.url}/pks/lookup?op=index&options=mr&search=person`);
    const changes = await single(
      () => `${server.url}/vouch/v1/changes?limit=${CHANGES}&since=${Math.floor(Math.random() * store.size)}`,
    );
    return { get, index, word, changes, start, ...(await memory(server.pid)) };
  } finally {
    await server.stop();
  }
}

/** @param {() => string} address */
async function single(address) {
  const times = [];
  for (let count = 0; count < SINGLE_REQUESTS; count += 1) times.push(await timeOf(address()));
  return percentile(times, 0.5);
}

/** @param {string} address */
async function timeOf(address) {
  const began = performance.now();
  const answer = await fetch(address);
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${address}: ${answer.status}`);
  return performance.now() - began;
}

/** @param {readonly GrowthSample[]} samples */
function medianSample(samples) {
  /** @param {(sample: GrowthSample) => number} figure */
  const of = (figure) => median(samples.map(figure));
  /** @param {'get' | 'index'} kind */
  const load = (kind) => ({
    perSecond: of((sample) => sample[kind].perSecond),
    p50: of((sample) => sample[kind].p50),
    p99: of((sample) => sample[kind].p99),
    processor: of((sample) => sample[kind].processor),
  });
  return {
    get: load('get'),
    index: load('index'),
    word: of((sample) => sample.word),
    changes: of((sample) => sample.changes),
    start: of((sample) => sample.start),
    resident: of((sample) => sample.resident),
    anonymous: of((sample) => sample.anonymous),
  };
}

/**
 * What an operator does with a store.
 *
 * @param {string} folder
 * @param {import('./small-store.mjs').SmallStore} store
 */
async function upkeep(folder, { data, env }) {
  const run = await timedRuns({ scratch: path.join(folder, 'time'), env: { ...process.env, ...env } });
  const file = path.join(folder, 'backup');
  const vouch = [process.execPath, MAIN, 'keystore'];
  await rm(file, { force: true });
  const backup = await run([...vouch, 'backup', file, '--data', data]);
  const { size: octets } = await stat(file);
  await rm(file);
  const check = await run([...vouch, 'check', '--data', data]);
  return {
    backup: { seconds: backup.milliseconds / 1000, octets, peak: backup.peak },
    check: { seconds: check.milliseconds / 1000, peak: check.peak },
  };
}

/** @param {readonly GrowthPoint[]} points */
function growthTable(points) {
  const [first] = points;
  const rows = GROWTH_ROWS.map(([name, figure]) => [
    name,
    ...points.map((point) => short(figure(point))),
    first === undefined || points.length < 2 ? '' : short(figure(points.at(-1) ?? first) / figure(first)),
  ]);
  return table([['certificates', ...points.map(({ size }) => short(size)), 'last ÷ first'], ...rows]);
}
