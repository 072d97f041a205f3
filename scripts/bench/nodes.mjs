/**
 * `npm run bench -- nodes [--size 10000] [--rounds 3] [--seconds 3] [--report DIR]`
 *
 * The embedded store beside PostgreSQL with one node and with two behind nginx, in one run and in turns: lookups, pushes
 * (each of a new key, 8 at once), and the processor time of everything that serves them. On a machine whose cores are
 * all busy already two nodes cannot answer more than one: then the processor time is what can be compared.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { armor, enums } from 'openpgp';
import { forEachAtOnce, push } from '../crash/keystore-client.mjs';
import { startServer } from '../interop/server-process.mjs';
import { ed25519Primary, writeCertificate } from './certificate-writer.mjs';
import { median, table } from './figures.mjs';
import { findLoadGenerator } from './load-generator.mjs';
import { describeMachine } from './machine.mjs';
import { startNginx } from './nginx.mjs';
import { findPeer } from './peers.mjs';
import { NODES_HEAD, nodesRow } from './nodes-row.mjs';
import { withPostgres } from './postgres-database.mjs';
import { familyProcessorTime, processorTime } from './process-figures.mjs';
import { keepRun } from './report/page.mjs';
import { prepareSmallStore } from './small-store.mjs';

const PUSHES = 300;
const AT_ONCE = 8;
const CONNECTIONS = 16;

/**
 * @typedef {{ name: string, start: () => Promise<Running> }} Subject
 * @typedef {{ url: string, spent: () => Promise<number>, stop: () => Promise<unknown> }} Running
 *   `spent`: processor time of all that serves, in microseconds.
 * @typedef {{ lookups: number, lookupProcessor: number, lookupP99: number, pushes: number, pushProcessor: number }} NodesSample
 *   Per second; microseconds for one; milliseconds.
 * @typedef {{ began: string, machine: import('./machine.mjs').Machine, size: number, rounds: number, seconds: number,
 *   subjects: readonly { name: string, sample: NodesSample, ratio: NodesSample }[] }} NodesRun
 *   `ratio`: to the embedded store, of the same round.
 */

/** @param {readonly string[]} args */
export async function benchNodes(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      report: { type: 'string' },
    },
  });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-nodes-'));
  try {
    const effort = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
    const run = await withPostgres((database) => measureNodes(folder, Number(values.size), effort, database));
    console.log(nodesTable(run));
    if (values.report !== undefined) await keepRun(values.report, 'nodes', run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {number} size
 * @param {{ rounds: number, seconds: number }} effort
 * @param {import('./postgres-database.mjs').Database} database
 * @returns {Promise<NodesRun>}
 */
async function measureNodes(folder, size, { rounds, seconds }, database) {
  const began = new Date().toISOString();
  const embedded = await prepareSmallStore(folder, size);
  const shared = await prepareSmallStore(folder, size, await database.make('nodes'));
  const subjects = await subjectsOf(folder, embedded, shared, database);
  const { generate } = await findLoadGenerator([]);
  const fresh = keyMaker();
  /** @type {Map<string, NodesSample[]>} */
  const samples = new Map(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, start } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const running = await start();
      try {
        const lookups = await lookUp(running, (load) =>
          generate({ ...load, paths: embedded.paths.fingerprint, connections: CONNECTIONS, seconds }),
        );
        samples.get(name)?.push({ ...lookups, ...(await pushMany(running, fresh(PUSHES))) });
      } finally {
        await running.stop();
      }
    }
    console.error(`  round ${round + 1} of ${rounds}`);
  }
  const base = samples.get(subjects[0]?.name ?? '') ?? [];
  const told = subjects.map(({ name }) => summarize(name, samples.get(name) ?? [], base));
  return { began, machine: await describeMachine(), size, rounds, seconds, subjects: told };
}

/**
 * @param {string} folder
 * @param {import('./small-store.mjs').SmallStore} embedded
 * @param {import('./small-store.mjs').SmallStore} shared
 * @param {import('./postgres-database.mjs').Database} database
 * @returns {Promise<Subject[]>}
 */
async function subjectsOf(folder, embedded, shared, database) {
  const nginx = await findPeer('nginx');
  if (nginx === undefined) throw new Error('nginx is not installed (apt-get install nginx-light)');
  /** @param {number} count */
  const nodes = async (count) => {
    const folders = Array.from({ length: count }, (_, number) => path.join(folder, `node-${number}`));
    return Promise.all(folders.map((home) => node(shared, home)));
  };
  /** @param {number} count @param {string | undefined} front @returns {Promise<Running>} */
  const cluster = async (count, front) => {
    const running = await nodes(count);
    const proxy =
      front &&
      (await startNginx(
        front,
        folder,
        running.map(({ host, port }) => `${host}:${port}`),
      ));
    return {
      url: proxy ? proxy.url : (running[0]?.url ?? ''),
      spent: async () => {
        const times = await Promise.all([
          database.processorTime(),
          ...running.map(({ pid }) => processorTime(pid)),
          ...(proxy ? [familyProcessorTime(proxy.pid)] : []),
        ]);
        return times.reduce((sum, time) => sum + time, 0);
      },
      stop: () => Promise.all([proxy && proxy.stop(), ...running.map(({ stop }) => stop())]),
    };
  };
  return [
    {
      name: 'embedded',
      start: async () => {
        const { url, pid, stop } = await node(embedded, path.dirname(embedded.data));
        return { url, stop, spent: () => processorTime(pid) };
      },
    },
    { name: 'PostgreSQL, one node', start: () => cluster(1, undefined) },
    { name: 'PostgreSQL, one node behind nginx', start: () => cluster(1, nginx) },
    { name: 'PostgreSQL, two nodes behind nginx', start: () => cluster(2, nginx) },
  ];
}

/**
 * @param {import('./small-store.mjs').SmallStore} store
 * @param {string} home
 */
async function node({ data, env }, home) {
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const own = env['VOUCH_STORE'] === undefined ? data : path.join(home, 'data');
  await mkdir(own, { recursive: true });
  return startServer({
    data: own,
    env: { ...inherited, ...env, NODE_ENV: 'production' },
    logFile: path.join(home, 'log'),
  });
}

/**
 * @param {Running} running
 * @param {(load: { url: string }) => Promise<import('./load-generator.mjs').LoadResult>} generate
 */
async function lookUp({ url, spent }, generate) {
  await generate({ url });
  const before = await spent();
  const result = await generate({ url });
  return {
    lookups: result.requests / (result.microseconds / 1e6),
    lookupProcessor: ((await spent()) - before) / result.requests,
    lookupP99: result.p99 / 1000,
  };
}

/**
 * @param {Running} running
 * @param {readonly string[]} keys in armor
 */
async function pushMany({ url, spent }, keys) {
  const before = await spent();
  const began = performance.now();
  await forEachAtOnce(keys, AT_ONCE, (key) => push(url, [key]));
  const pushes = keys.length / ((performance.now() - began) / 1000);
  return { pushes, pushProcessor: ((await spent()) - before) / keys.length };
}

/** Keys that no store has yet. */
function keyMaker() {
  let made = 0;
  const created = Date.UTC(2024, 0, 1) / 1000;
  /** @param {number} count */
  return (count) =>
    Array.from({ length: count }, () => {
      made += 1;
      const primary = ed25519Primary(created + made);
      const bytes = writeCertificate(primary, created + made, {
        userIds: [`Fresh <fresh${made}@example.org>`],
      });
      return armor(enums.armor.publicKey, bytes);
    });
}

/**
 * @param {string} name
 * @param {readonly NodesSample[]} samples
 * @param {readonly NodesSample[]} base
 */
function summarize(name, samples, base) {
  /** @param {(sample: NodesSample, round: number) => NodesSample} of */
  const medians = (of) => {
    const all = samples.map(of);
    return {
      lookups: median(all.map(({ lookups }) => lookups)),
      lookupProcessor: median(all.map(({ lookupProcessor }) => lookupProcessor)),
      lookupP99: median(all.map(({ lookupP99 }) => lookupP99)),
      pushes: median(all.map(({ pushes }) => pushes)),
      pushProcessor: median(all.map(({ pushProcessor }) => pushProcessor)),
    };
  };
  const ratio = medians((sample, round) => {
    const other = base[round] ?? sample;
    return {
      lookups: sample.lookups / other.lookups,
      lookupProcessor: sample.lookupProcessor / other.lookupProcessor,
      lookupP99: sample.lookupP99 / other.lookupP99,
      pushes: sample.pushes / other.pushes,
      pushProcessor: sample.pushProcessor / other.pushProcessor,
    };
  });
  return { name, sample: medians((sample) => sample), ratio };
}

/** @param {NodesRun} run */
function nodesTable({ subjects }) {
  return table([NODES_HEAD, ...subjects.map(nodesRow)]);
}
