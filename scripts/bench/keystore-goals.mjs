/* The goals of the keystore's lookups: P1 to P5, P7, P19, P20, P21. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findProgram } from '../interop/program.mjs';
import { findLoadGenerator } from './load-generator.mjs';
import { compared, measureLookups, startBare, startVouch } from './lookups.mjs';
import { prepareStore } from './prepared-store.mjs';
import { memory } from './process-figures.mjs';
import { buildSks, findSks, startSks } from './sks-server.mjs';
import { syntheticStore } from './synthetic-store.mjs';

/**
 * @typedef {import('./goals.mjs').Measured} Measured
 * @typedef {import('./lookups.mjs').Point} Point
 * @typedef {import('./lookups.mjs').Sample} Sample
 * @typedef {{ folder: string, rounds: number, seconds: number }} Options `folder` is kept where it is named.
 */

export const CERTIFICATES = 6000;

/** Seconds of load before the first figure is taken. */
const WARM_UP = 4;

/** @type {readonly Point[]} */
export const BARE_POINTS = [
  { name: 'get by fingerprint, c1', paths: 'fingerprint', connections: 1 },
  { name: 'get by fingerprint, c16', paths: 'fingerprint', connections: 16 },
  { name: 'get by fingerprint, c64', paths: 'fingerprint', connections: 64 },
  { name: 'index by e-mail, c16', paths: 'email', connections: 16 },
];

/** @type {readonly Point[]} */
const SKS_POINTS = [
  ...BARE_POINTS,
  { name: 'get, a connection each, c16', paths: 'fingerprint', connections: 16, close: true },
];

/** The server on one processor and the load on another, where there are two and taskset can say so. */
export async function placement() {
  const canPin = os.availableParallelism() >= 2 && (await findProgram('taskset')) !== undefined;
  return canPin ? { server: ['taskset', '-c', '0'], load: ['taskset', '-c', '1'] } : { server: [], load: [] };
}

/** @param {string} name @param {'perSecond' | 'processor' | 'p99'} figure */
const point = (name, figure) => (/** @type {Sample} */ sample) => sample.points[name]?.[figure];

const REQUESTS = { name: 'req/s', figure: /** @type {const} */ ('perSecond') };
const PROCESSOR = { name: 'CPU µs', figure: /** @type {const} */ ('processor') };
const P99 = { name: 'p99 ms', figure: /** @type {const} */ ('p99') };

/**
 * What is compared: goal, point and figure.
 *
 * @typedef {readonly [goal: string, point: string, what: typeof REQUESTS | typeof PROCESSOR | typeof P99]} Comparison
 * @type {readonly Comparison[]}
 */
const WITH_BARE = [
  ['P1', 'get by fingerprint, c16', REQUESTS],
  ['P2', 'get by fingerprint, c16', PROCESSOR],
  ['P3 c16', 'get by fingerprint, c16', P99],
  ['P3 c64', 'get by fingerprint, c64', P99],
  ['P7 bare', 'index by e-mail, c16', REQUESTS],
];

/** @type {readonly Comparison[]} */
const WITH_SKS = [
  ['P4 c1', 'get by fingerprint, c1', REQUESTS],
  ['P4 c16', 'get by fingerprint, c16', REQUESTS],
  ['P4 c64', 'get by fingerprint, c64', P99],
  ['P5', 'get, a connection each, c16', REQUESTS],
  ['P7 sks', 'index by e-mail, c16', REQUESTS],
];

/**
 * @param {readonly import('./lookups.mjs').Round[]} rounds
 * @param {string} yardstick
 * @param {readonly Comparison[]} comparisons
 */
function compareAll(rounds, yardstick, comparisons) {
  return comparisons.map(([goal, name, { name: unit, figure }]) =>
    compared(goal, rounds, ['vouch', yardstick], { unit, of: point(name, figure) }),
  );
}

/**
 * P1 to P3, P7 and P19 beside a bare server, each on a processor of its own.
 *
 * @param {Options} options
 * @returns {Promise<Measured[]>}
 */
export async function measureBesideBare({ folder, rounds, seconds }) {
  const store = await prepareStore(folder, CERTIFICATES);
  const pin = await placement();
  const { generate } = await findLoadGenerator(pin.load);
  const subjects = {
    vouch: { start: () => startVouch(store, pin.server), paths: store.paths },
    bare: { start: () => startBare(store, pin.server), paths: store.paths },
  };
  const load = { rounds, seconds, warmUp: WARM_UP, generate };
  const results = await measureLookups(subjects, BARE_POINTS, load);
  const anonymous = { unit: 'MiB', of: (/** @type {Sample} */ sample) => sample.memory.anonymous };
  return [...compareAll(results, 'bare', WITH_BARE), compared('P19', results, ['vouch', 'bare'], anonymous)];
}

/**
 * P4, P5 and P7 beside SKS, wherever the system puts them; nothing where it is not installed.
 *
 * @param {Options} options
 * @returns {Promise<Measured[]>}
 */
export async function measureBesideSks({ folder, rounds, seconds }) {
  const sks = await findSks();
  if (sks === undefined) {
    console.error('sks is not installed (apt-get install sks): nothing is held against it');
    return [];
  }
  const store = await prepareStore(folder, CERTIFICATES);
  const home = path.join(folder, 'sks');
  await buildSks(sks, home, store.corpus);
  const { name, generate } = await findLoadGenerator([]);
  if (name !== 'wrk') return [];
  const subjects = {
    vouch: { start: () => startVouch(store, []), paths: store.paths },
    sks: { start: () => startSks(sks, home), paths: store.paths },
  };
  const load = { rounds, seconds, warmUp: WARM_UP, generate };
  return compareAll(await measureLookups(subjects, SKS_POINTS, load), 'sks', WITH_SKS);
}

/**
 * P20: what a lookup takes in a large store and in a small one.
 *
 * @param {Options & { small?: number, large?: number }} options
 * @returns {Promise<Measured[]>}
 */
export async function measureGrowth({ folder, rounds, seconds, small = 10_000, large = 1_000_000 }) {
  const stores = { small: await syntheticStore(folder, small), large: await syntheticStore(folder, large) };
  const pin = await placement();
  const { generate } = await findLoadGenerator(pin.load);
  const of = (/** @type {typeof stores.small} */ { data, paths }) => ({
    start: () => startVouch({ data }, pin.server),
    paths,
  });
  /** @type {Point} */
  const asked = { name: 'get', paths: 'fingerprint', connections: 16 };
  const results = await measureLookups({ large: of(stores.large), small: of(stores.small) }, [asked], {
    rounds,
    seconds,
    warmUp: WARM_UP,
    generate,
  });
  const processor = { unit: 'CPU µs', of: point('get', 'processor') };
  return [compared('P20', results, ['large', 'small'], processor)];
}

/**
 * P21: memory after very many lookups.
 *
 * @param {Options & { certificates?: number, lookups?: number }} options
 * @returns {Promise<Measured[]>}
 */
export async function measureEndurance({ folder, certificates = 100_000, lookups = 1_000_000 }) {
  const { data, paths } = await syntheticStore(folder, certificates);
  const pin = await placement();
  const { generate } = await findLoadGenerator(pin.load);
  const server = await startVouch({ data }, pin.server);
  try {
    for (let asked = 0; asked < lookups;) {
      const load = { url: server.url, paths: paths.fingerprint, connections: 16, seconds: 10 };
      asked += (await generate(load)).requests;
    }
    const { resident, anonymous } = await memory(server.pid);
    return [
      { goal: 'P21', ratio: resident, figures: { 'resident MiB': resident, 'anonymous MiB': anonymous } },
    ];
  } finally {
    await server.stop();
  }
}

/**
 * All of them in a folder of its own; half an hour, most of it for the store of a million.
 *
 * @param {{ rounds: number, seconds: number }} load
 * @returns {Promise<Measured[]>}
 */
export async function measureKeystore(load) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-bench-'));
  const options = { ...load, folder };
  try {
    return [
      ...(await measureBesideBare(options)),
      ...(await measureBesideSks(options)),
      ...(await measureGrowth(options)),
      ...(await measureEndurance(options)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
