/**
 * `npm run bench -- connections [--size 6000] [--rounds 3] [--seconds 2] [--report DIR]`
 *
 * Lookups by fingerprint by the number of connections, beside a bare node:http server with the same answers in memory:
 * where throughput stops growing, and what waiting costs from there on. Server and load share the machine.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startListening } from '../interop/listening-process.mjs';
import { startServer } from '../interop/server-process.mjs';
import { connectionRows } from './connection-rows.mjs';
import { median, table } from './figures.mjs';
import { findLoadGenerator } from './load-generator.mjs';
import { describeMachine } from './machine.mjs';
import { prepareStore } from './prepared-store.mjs';
import { keepRun } from './report/page.mjs';

const BARE = fileURLToPath(new URL('bare-server.mjs', import.meta.url));
const CONNECTIONS = [1, 4, 16, 64, 256];
const SERVERS = /** @type {const} */ (['vouch', 'bare']);

/**
 * @typedef {{ perSecond: number, p50: number, p99: number }} ConnectionSample Latencies in milliseconds.
 * @typedef {{ connections: number, vouch: ConnectionSample, bare: ConnectionSample, ratio: number }} ConnectionPoint
 *   Medians of the rounds; `ratio` is that of requests per second.
 * @typedef {{ began: string, machine: import('./machine.mjs').Machine, size: number, rounds: number, seconds: number,
 *   points: readonly ConnectionPoint[] }} ConnectionRun
 */

/** @param {readonly string[]} args */
export async function benchConnections(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '6000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      report: { type: 'string' },
    },
  });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-connections-'));
  try {
    const effort = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
    const run = await measureConnections(folder, Number(values.size), effort);
    console.log(table(connectionRows(run.points)));
    if (values.report !== undefined) await keepRun(values.report, 'connections', run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {number} size
 * @param {{ rounds: number, seconds: number }} effort
 * @returns {Promise<ConnectionRun>}
 */
async function measureConnections(folder, size, { rounds, seconds }) {
  const began = new Date().toISOString();
  const store = await prepareStore(folder, size);
  const { generate } = await findLoadGenerator([]);
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const env = { ...inherited, NODE_ENV: 'production' };
  const starts = {
    vouch: () => startServer({ data: store.data, env, logFile: path.join(folder, 'log') }),
    bare: async () => {
      const words = [process.execPath, BARE, store.answers];
      const server = await startListening({ words, says: /^(http:\S+)$/m, cwd: folder, env });
      return { ...server, url: server.address };
    },
  };
  /** @type {Record<'vouch' | 'bare', Map<number, ConnectionSample[]>>} */
  const samples = { vouch: new Map(), bare: new Map() };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? SERVERS : SERVERS.toReversed()) {
      const server = await starts[name]();
      try {
        const load = { url: server.url, paths: store.paths.fingerprint, seconds };
        await generate({ ...load, connections: 16 });
        for (const connections of CONNECTIONS) {
          const result = await generate({ ...load, connections });
          const list = samples[name].get(connections) ?? [];
          list.push({
            perSecond: result.requests / (result.microseconds / 1e6),
            p50: result.p50 / 1000,
            p99: result.p99 / 1000,
          });
          samples[name].set(connections, list);
        }
      } finally {
        await server.stop();
      }
    }
    console.error(`  round ${round + 1} of ${rounds}`);
  }
  const points = CONNECTIONS.map((connections) =>
    pointOf(connections, samples.vouch.get(connections) ?? [], samples.bare.get(connections) ?? []),
  );
  return { began, machine: await describeMachine(), size, rounds, seconds, points };
}

/**
 * @param {number} connections
 * @param {readonly ConnectionSample[]} vouch
 * @param {readonly ConnectionSample[]} bare
 * @returns {ConnectionPoint}
 */
function pointOf(connections, vouch, bare) {
  /** @param {readonly ConnectionSample[]} samples */
  const medians = (samples) => ({
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    p50: median(samples.map(({ p50 }) => p50)),
    p99: median(samples.map(({ p99 }) => p99)),
  });
  const ratios = vouch.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN));
  return { connections, vouch: medians(vouch), bare: medians(bare), ratio: median(ratios) };
}
