/**
 * `npm run bench -- fleet [--hosts 10000] [--keys 200] [--sample 100] [--rounds 3] [--report DIR]`
 *
 * A fleet of hosts that refresh the keys of their policies from one keystore: by its change log, and key by key.
 * Each host is the daemon's own book of keys, brought back from what it knew six hours ago, with a connection of its
 * own; hosts trust KEYS of 2,000 keys, of which one in a hundred has changed since. Requests and octets are counted at
 * the sockets. Key by key a sample of the hosts is enough: each one costs the same.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { armor, enums } from 'openpgp';
import { push } from '../crash/keystore-client.mjs';
import { must } from '../interop/program.mjs';
import { startServer } from '../interop/server-process.mjs';
import { ed25519Primary, writeCertificate } from './certificate-writer.mjs';
import { median, spread, table } from './figures.mjs';
import { fleetRows } from './fleet-rows.mjs';
import { learnKeys } from './fleet-state.mjs';
import { describeMachine } from './machine.mjs';
import { processorTime } from './process-figures.mjs';
import { keepRun } from './report/page.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const HOSTS = fileURLToPath(new URL('./fleet-hosts.mjs', import.meta.url));

/** Keys at the keystore, and how many of them changed in an interval. */
const HELD = 2000;
const CHANGED = 20;

/** Processes that hosts run in, one host at a time in each. */
const PROCESSES = 2;

/** Hosts whose whole day is played. */
const DAY_HOSTS = 20;

const FIRST_CREATED = Date.UTC(2019, 0, 1) / 1000;
const STEP = 61;
const HOUR = 3_600_000;

/**
 * @typedef {{ hosts: number, keys: number, sample: number, rounds: number }} Sizes
 * @typedef {{ began: string, machine: import('./machine.mjs').Machine, sizes: Sizes,
 *   measured: readonly import('./goals.mjs').Measured[] }} FleetRun
 * @typedef {{ requests: number, received: number, sent: number, processor: number }} HostFigures
 *   Of all hosts of a run together; processor time in microseconds.
 * @typedef {HostFigures & { hosts: number, seconds: number, server: number }} Round
 */

/** @param {readonly string[]} args */
export async function benchFleet(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hosts: { type: 'string', default: '10000' },
      keys: { type: 'string', default: '200' },
      sample: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '3' },
      report: { type: 'string' },
    },
  });
  const sizes = {
    hosts: Number(values.hosts),
    keys: Number(values.keys),
    sample: Number(values.sample),
    rounds: Number(values.rounds),
  };
  const began = new Date().toISOString();
  const measured = await measureFleet(sizes);
  console.log(`\n${table(fleetRows(measured, sizes))}`);
  /** @type {FleetRun} */
  const run = { began, machine: await describeMachine(), sizes, measured };
  if (values.report !== undefined) await keepRun(values.report, 'fleet', run);
}

/**
 * @param {Sizes} sizes
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureFleet({ hosts, keys, sample, rounds }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-fleet-'));
  try {
    const held = makeKeys();
    const data = path.join(folder, 'data');
    const ring = path.join(folder, 'keys.pgp');
    await writeFile(ring, Buffer.concat(held.map(({ bytes }) => bytes)));
    await must(process.execPath, [MAIN, 'keystore', 'load', ring, '--data', data]);
    const env = { ...process.env, NODE_ENV: 'production' };
    const server = await startServer({ data, env, logFile: path.join(folder, 'log') });
    try {
      const since = Date.now() - 8 * HOUR;
      const state = path.join(folder, 'state.json');
      await mkdir(path.join(folder, 'no-keys'));
      const fingerprints = held.map(({ fingerprint }) => fingerprint);
      await writeFile(state, JSON.stringify(await learnKeys(server.url, folder, fingerprints, since)));
      for (const { extended } of held.slice(0, CHANGED)) await push(server.url, [extended()]);
      const common = { url: server.url, state, folder, keys, pid: server.pid };
      /** @type {{ log: Round[], keys: Round[] }} */
      const runs = { log: [], keys: [] };
      for (let round = 0; round < rounds; round += 1) {
        runs.log.push(await playHosts({ ...common, hosts, way: 'log' }));
        runs.keys.push(await playHosts({ ...common, hosts: sample, way: 'keys' }));
        console.error(`  round ${round + 1} of ${rounds}`);
      }
      const day = await playDay({ ...common, hosts: Math.min(DAY_HOSTS, sample) }, held);
      return [summarize(runs, day)];
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Keys that their owners can add a user ID to. */
function makeKeys() {
  return Array.from({ length: HELD }, (__, index) => {
    const created = FIRST_CREATED + index * STEP;
    const primary = ed25519Primary(created);
    const userIds = [`Signer ${index} <signer${index}@example.org>`];
    const longer = [...userIds, `Signer ${index} <also${index}@example.org>`];
    return {
      fingerprint: primary.fingerprint.toString('hex').toUpperCase(),
      bytes: writeCertificate(primary, created, { userIds }),
      extended: () => armor(enums.armor.publicKey, writeCertificate(primary, created, { userIds: longer })),
    };
  });
}

/**
 * One refresh of each host.
 *
 * @param {{ url: string, state: string, folder: string, keys: number, pid: number, hosts: number, way: 'log' | 'keys' }} run
 * @returns {Promise<Round>}
 */
async function playHosts({ pid, hosts, ...rest }) {
  const used = await processorTime(pid);
  const began = performance.now();
  const each = Math.ceil(hosts / PROCESSES);
  const parts = await Promise.all(
    Array.from({ length: PROCESSES }, (_, part) =>
      playing({ ...rest, first: part * each, hosts: Math.min(each, hosts - part * each) }),
    ),
  );
  const seconds = (performance.now() - began) / 1000;
  /** @param {keyof HostFigures} name */
  const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
  return {
    hosts,
    seconds,
    server: (await processorTime(pid)) - used,
    requests: sum('requests'),
    received: sum('received'),
    sent: sum('sent'),
    processor: sum('processor'),
  };
}

/**
 * A day of some hosts both ways, as the daemon's schedule asks; keys change four times.
 *
 * @param {{ url: string, state: string, folder: string, keys: number, hosts: number }} run
 * @param {ReturnType<typeof makeKeys>} held
 * @returns {Promise<{ log: number, keys: number }>} requests of a host
 */
async function playDay(run, held) {
  const quarters = [1, 2, 3, 4].map((quarter) =>
    held.slice(quarter * CHANGED, (quarter + 1) * CHANGED).map(({ extended }) => extended()),
  );
  const changes = path.join(run.folder, 'changes.json');
  await writeFile(changes, JSON.stringify(quarters));
  const { day } = await playing({ ...run, way: 'day', first: 0, changes });
  if (day === undefined) throw new Error('the day was not played');
  return { log: day.log / run.hosts, keys: day.keys / run.hosts };
}

/**
 * @param {import('./fleet-hosts.mjs').Play} play
 * @returns {Promise<HostFigures & { day?: { log: number, keys: number } }>}
 */
async function playing(play) {
  const { stdout } = await promisify(execFile)(process.execPath, [HOSTS, JSON.stringify(play)]);
  return JSON.parse(stdout);
}

/**
 * @param {{ log: readonly Round[], keys: readonly Round[] }} runs
 * @param {{ log: number, keys: number }} day
 * @returns {import('./goals.mjs').Measured}
 */
function summarize({ log, keys }, day) {
  /** @param {readonly Round[]} rounds @param {(round: Round) => number} figure */
  const each = (rounds, figure) => rounds.map((round) => figure(round) / round.hosts);
  /** @param {(round: Round) => number} figure */
  const both = (figure) => [median(each(log, figure)), median(each(keys, figure))];
  const ratios = log.map(
    ({ requests, hosts }, round) =>
      requests / hosts / ((keys[round]?.requests ?? 0) / (keys[round]?.hosts ?? 0)),
  );
  const [requests, keyRequests] = both((round) => round.requests);
  const [octets, keyOctets] = both((round) => round.received + round.sent);
  const [server, keyServer] = both((round) => round.server / 1000);
  const [host, keyHost] = both((round) => round.processor / 1000);
  const [seconds, keySeconds] = both((round) => round.seconds * 10_000);
  return {
    goal: 'P24',
    ratio: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
    spread: spread(each(keys, ({ requests: count }) => count)),
    figures: {
      'requests a host, log': requests ?? Number.NaN,
      'requests a host, keys': keyRequests ?? Number.NaN,
      'octets a host, log': octets ?? Number.NaN,
      'octets a host, keys': keyOctets ?? Number.NaN,
      'server CPU ms a host, log': server ?? Number.NaN,
      'server CPU ms a host, keys': keyServer ?? Number.NaN,
      'host CPU ms, log': host ?? Number.NaN,
      'host CPU ms, keys': keyHost ?? Number.NaN,
      's for 10,000 hosts, log': seconds ?? Number.NaN,
      's for 10,000 hosts, keys': keySeconds ?? Number.NaN,
      'requests a host and day, log': day.log,
      'requests a host and day, keys': day.keys,
    },
  };
}
