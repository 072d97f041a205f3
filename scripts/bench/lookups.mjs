import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../interop/server-process.mjs';
import { memory, processorTime } from './process-figures.mjs';

const BARE = fileURLToPath(new URL('bare-server.mjs', import.meta.url));

/** What is asked, with how many connections. */
export const POINTS = /** @type {const} */ ([
  { name: 'get by fingerprint, c1', paths: 'fingerprint', connections: 1 },
  { name: 'get by fingerprint, c16', paths: 'fingerprint', connections: 16 },
  { name: 'get by fingerprint, c64', paths: 'fingerprint', connections: 64 },
  { name: 'index by e-mail, c16', paths: 'email', connections: 16 },
]);

/** Seconds of load before the first figure is taken: the compiler settles. */
const WARM_UP = 1;

/**
 * @typedef {{ url: string, pid: number, stop: () => Promise<unknown> }} Subject
 * @typedef {{ perSecond: number, p50: number, p99: number, processor: number }} Figures
 *   Latencies in milliseconds, processor time in microseconds per request.
 * @typedef {{ points: Record<string, Figures>, memory: { resident: number, anonymous: number } }} Sample
 * @typedef {{ vouch: Sample, bare: Sample }} Round
 */

/** Both servers run as in production; extra certificates would only slow their start. */
function environment() {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return { ...env, NODE_ENV: 'production' };
}

/**
 * @param {string} answers
 * @param {readonly string[]} prefix
 * @returns {Promise<Subject>}
 */
async function startBare(answers, prefix) {
  const [program, ...args] = [...prefix, process.execPath, BARE, answers];
  const child = spawn(program, args, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
  });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (/** @type {Buffer} */ chunk) => resolve(chunk.toString().trim()));
    void ended.then(() => reject(new Error('the bare server ended')));
  });
  return {
    url,
    pid: child.pid ?? 0,
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

/**
 * @param {Subject} subject
 * @param {import('./prepared-store.mjs').PreparedStore} store
 * @param {import('./load-generator.mjs').LoadGenerator} generate
 * @param {number} seconds
 * @returns {Promise<Sample>}
 */
async function sample(subject, store, generate, seconds) {
  /** @type {Record<string, Figures>} */
  const points = {};
  try {
    for (const paths of [store.paths.fingerprint, store.paths.email]) {
      await generate({ url: subject.url, paths, connections: 16, seconds: WARM_UP });
    }
    for (const { name, paths, connections } of POINTS) {
      const before = await processorTime(subject.pid);
      const result = await generate({ url: subject.url, paths: store.paths[paths], connections, seconds });
      const used = (await processorTime(subject.pid)) - before;
      points[name] = {
        perSecond: result.requests / (result.microseconds / 1e6),
        p50: result.p50 / 1000,
        p99: result.p99 / 1000,
        processor: used / result.requests,
      };
    }
    return { points, memory: await memory(subject.pid) };
  } finally {
    await subject.stop();
  }
}

/**
 * The keystore and the bare server one after the other, each started anew in each round and first in every
 * other one.
 *
 * @param {import('./prepared-store.mjs').PreparedStore} store
 * @param {{ rounds: number, seconds: number, prefix: readonly string[], generate: import('./load-generator.mjs').LoadGenerator }} options
 * @returns {Promise<Round[]>}
 */
export async function measureLookups(store, { rounds, seconds, prefix, generate }) {
  const logFile = path.join(path.dirname(store.data), 'log');
  const starts = {
    vouch: () => startServer({ data: store.data, env: environment(), prefix, logFile }),
    bare: () => startBare(store.answers, prefix),
  };
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    /** @type {Map<string, Sample>} */
    const both = new Map();
    const order = Object.entries(starts);
    for (const [name, start] of round % 2 === 0 ? order : order.toReversed()) {
      both.set(name, await sample(await start(), store, generate, seconds));
    }
    const [vouch, bare] = [both.get('vouch'), both.get('bare')];
    if (vouch !== undefined && bare !== undefined) results.push({ vouch, bare });
    console.error(`  round ${round + 1} of ${rounds} with ${store.size} certificates`);
  }
  return results;
}
