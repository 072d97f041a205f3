/**
 * `npm run bench -- keystore [--sizes 10000,100000] [--rounds 5] [--seconds 2] [--folder DIR] [--json FILE]`
 *
 * Lookups by fingerprint and by e-mail beside a bare node:http server with the same answers in memory,
 * interleaved in one run; pushes beside the fdatasync of this disk; bulk load; memory. Read the ratios
 * first: requests per second belong to this machine, ratios less so. DIR keeps certificates and stores for
 * the next run.
 */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findProgram } from '../interop/program.mjs';
import { median, short, spread, table } from './figures.mjs';
import { findLoadGenerator } from './load-generator.mjs';
import { measureLookups, POINTS } from './lookups.mjs';
import { meanAnswer, prepareStore } from './prepared-store.mjs';
import { measurePushes } from './pushes.mjs';

/** Where the yardstick itself moved by more than this, its ratios say nothing. */
const MAX_SPREAD = 0.15;

/** The server on one processor and the load on another, where there are two and taskset can say so. */
async function placement() {
  const canPin = os.availableParallelism() >= 2 && (await findProgram('taskset')) !== undefined;
  return canPin ? { server: ['taskset', '-c', '0'], load: ['taskset', '-c', '1'] } : { server: [], load: [] };
}

/** @param {readonly import('./lookups.mjs').Round[]} rounds */
function summarize(rounds) {
  return POINTS.map(({ name }) => {
    /** @param {'perSecond' | 'processor' | 'p99'} figure */
    const of = (figure) => {
      const vouch = rounds.map((round) => round.vouch.points[name]?.[figure] ?? Number.NaN);
      const bare = rounds.map((round) => round.bare.points[name]?.[figure] ?? Number.NaN);
      const ratios = vouch.map((value, index) => value / (bare[index] ?? Number.NaN));
      const range = { least: Math.min(...ratios), most: Math.max(...ratios) };
      return {
        vouch: median(vouch),
        bare: median(bare),
        ratio: median(ratios),
        ...range,
        spread: spread(bare),
      };
    };
    const throughput = of('perSecond');
    return {
      name,
      throughput,
      processor: of('processor'),
      p99: of('p99'),
      void: throughput.spread > MAX_SPREAD,
    };
  });
}

/** @param {ReturnType<typeof summarize>} points */
function lookupTable(points) {
  const head = [
    'lookups',
    '× bare',
    'range',
    'CPU × bare',
    'p99 × bare',
    'req/s',
    'bare req/s',
    'CPU µs',
    'p99 ms',
    'note',
  ];
  const rows = points.map(({ name, throughput, processor, p99, void: isVoid }) => [
    name,
    short(throughput.ratio),
    `${short(throughput.least)}–${short(throughput.most)}`,
    short(processor.ratio),
    short(p99.ratio),
    short(throughput.vouch),
    short(throughput.bare),
    short(processor.vouch),
    short(p99.vouch),
    isVoid ? `void: the bare server varied by ${short(throughput.spread * 100)} %` : '',
  ]);
  return table([head, ...rows]);
}

/** @param {readonly import('./lookups.mjs').Round[]} rounds */
function memoryOf(rounds) {
  /** @param {'vouch' | 'bare'} who */
  const of = (who) => ({
    resident: median(rounds.map((round) => round[who].memory.resident)),
    anonymous: median(rounds.map((round) => round[who].memory.anonymous)),
  });
  return { vouch: of('vouch'), bare: of('bare') };
}

/**
 * @param {string} folder
 * @param {number} size
 * @param {{ rounds: number, seconds: number, pin: Awaited<ReturnType<typeof placement>>, generate: import('./load-generator.mjs').LoadGenerator }} options
 */
async function benchSize(folder, size, { rounds, seconds, pin, generate }) {
  const store = await prepareStore(folder, size);
  const results = await measureLookups(store, { rounds, seconds, prefix: pin.server, generate });
  const points = summarize(results);
  const used = memoryOf(results);
  const answer = await meanAnswer(store);
  console.log(
    `\n${short(size)} certificates, mean armored answer ${short(answer)} octets, medians of ${rounds} rounds\n`,
  );
  console.log(lookupTable(points));
  console.log(
    `\nmemory: ${short(used.vouch.anonymous)} MiB anonymous, ${short(used.vouch.resident)} MiB resident ` +
      `(the bare server, all answers in memory: ${short(used.bare.anonymous)} and ${short(used.bare.resident)})`,
  );
  const { load } = store;
  console.log(
    load === undefined
      ? 'load: not measured, the store is from another run'
      : `load: ${short(load.certificates / load.seconds)} certificates/s, ${short(load.octets / load.seconds / 1e6)} MB/s, ${short(load.seconds)} s`,
  );
  return { size, answer, points, memory: used, load: load ?? null };
}

/** @param {Awaited<ReturnType<typeof measurePushes>>} pushes */
function pushTable({ floor, points }) {
  const rows = Object.entries(points).map(([name, { perSecond, p50, p99 }]) => [
    `push, ${name}`,
    short(p50 / floor),
    short(p50 - floor),
    short(perSecond),
    short(p50),
    short(p99),
  ]);
  const head = ['pushes', 'p50 × fdatasync', 'p50 − fdatasync ms', 'push/s', 'p50 ms', 'p99 ms'];
  return `${table([head, ...rows])}\nfdatasync of this disk: ${short(floor)} ms`;
}

/** @param {readonly string[]} args */
export async function benchKeystore(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      folder: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const sizes = values.sizes.split(',').map(Number);
  const folder =
    values.folder === undefined
      ? await mkdtemp(path.join(os.tmpdir(), 'vouch-bench-'))
      : path.resolve(values.folder);
  await mkdir(folder, { recursive: true });
  const pin = await placement();
  const { name, generate } = await findLoadGenerator(pin.load);
  console.log(
    `load by ${name}, ${pin.server.length > 0 ? 'server and load on a processor each' : 'not pinned'}, Node ${process.version}`,
  );
  try {
    const lookups = [];
    for (const size of sizes) {
      const options = { rounds: Number(values.rounds), seconds: Number(values.seconds), pin, generate };
      lookups.push(await benchSize(folder, size, options));
    }
    const pushFolder = await mkdtemp(path.join(folder, 'pushes-'));
    const pushes = await measurePushes(pushFolder);
    await rm(pushFolder, { recursive: true, force: true });
    console.log(`\n${pushTable(pushes)}`);
    const report = { node: process.version, load: name, pinned: pin.server.length > 0, lookups, pushes };
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    if (values.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}
