#!/usr/bin/env node
/**
 * `npm run soak [-- --minutes 30]`: the real keystore and the real daemon, with their own limits, under honest clients and
 * every attack at once, all on this host: floods, slow headers and bodies, 10,000 idle sockets, headers of 1 MB, bodies
 * without end, packet bombs, certificates of 1,200 signatures, searches that trap, hang-ups. Exit 1 when an honest client was
 * refused or waited too long, when memory grew, or when a service said that it failed. Needs 12,000 file descriptors.
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { setMaxListeners } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { prepareHost } from '../bench/admit-host.mjs';
import { memory } from '../bench/process-figures.mjs';
import { startDaemon } from '../interop/daemon-process.mjs';
import { startServer } from '../interop/server-process.mjs';
import { pause } from './exchange.mjs';
import { honestKeystoreClients, honestUsers } from './honest.mjs';
import { Tally } from './tally.mjs';

/** What an honest client waits, of a hundred all but one, and the most. Milliseconds, on a machine that is full of attackers. */
const P99 = 2_000;
const MOST = 15_000;

/** Memory is flat when it grew by no more than a quarter and a bit, once both services are warm. */
const GROWTH = 1.25;
const SLACK_MIB = 48;
const SAMPLE_EVERY = 2_000;

/** Attackers and honest clients are told apart by their addresses, also on this host. */
const SETTINGS = `[rate_limits]\nexempt = []\n`;

/**
 * @param {Tally} tally
 * @param {ReadonlyMap<string, number>} services process IDs
 * @param {AbortSignal} ending
 */
async function watchMemory(tally, services, ending) {
  while (!ending.aborted) {
    for (const [name, pid] of services) {
      const held = await memory(pid).catch(() => undefined);
      if (held === undefined) tally.failed(`${name}: the process is gone`);
      else tally.holds(name, held.anonymous);
    }
    await pause(SAMPLE_EVERY, ending);
  }
}

/**
 * Attackers have a thread of their own, so that their work does not count as waiting of honest clients.
 *
 * @param {import('./attackers.mjs').Attack} given
 * @param {Tally} tally
 * @returns {Promise<void>}
 */
function attack(given, tally) {
  const worker = new Worker(new URL('./attackers.mjs', import.meta.url), { workerData: given });
  return new Promise((resolve, reject) => {
    worker.on('message', (/** @type {readonly (readonly [string, string, number])[]} */ told) => {
      for (const [what, outcome, count] of told) tally.attacked(what, outcome, count);
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

/**
 * @param {Tally} tally
 * @param {readonly string[]} faults of services, from their logs
 */
function judge(tally, faults) {
  /** @type {string[]} */
  const wrong = [...faults];
  for (const { what, count, median, p99, most } of tally.waits()) {
    const figures = `${count} times, median ${median.toFixed(1)} ms, p99 ${p99.toFixed(0)} ms, most ${most.toFixed(0)} ms`;
    console.log(`honest  ${what}: ${figures}`);
    if (p99 > P99 || most > MOST) wrong.push(`${what} waited too long: ${figures}`);
  }
  for (const line of tally.attacks()) console.log(`attack  ${line}`);
  for (const { service, early, late, most } of tally.memory()) {
    const figures = `${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late, ${most.toFixed(0)} MiB at most`;
    console.log(`memory  ${service}: ${figures}`);
    if (late > GROWTH * early + SLACK_MIB) wrong.push(`${service} grew: ${figures}`);
  }
  const { failures } = tally;
  if (failures.length > 0) wrong.push(`${failures.length} honest requests failed, first: ${failures[0]}`);
  return wrong;
}

/**
 * Line by line: half an hour of floods makes a log that is longer than a string can be.
 *
 * @param {string} file
 */
async function errorsIn(file) {
  const errors = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (/"level":"(?:error|fatal)"/.test(line) || (line !== '' && !line.startsWith('{'))) errors.push(line);
  }
  return errors;
}

/**
 * @param {string} folder
 * @param {number} minutes
 */
async function soak(folder, minutes) {
  const { env, config, image } = await prepareHost(folder);
  await writeFile(path.join(folder, 'server.toml'), SETTINGS);
  const logFile = path.join(folder, 'keystore.log');
  const keystore = await startServer({
    data: path.join(folder, 'data'),
    env: { ...env, VOUCH_CONFIG: path.join(folder, 'server.toml') },
    logFile,
  });
  const daemon = await startDaemon({ config, env });
  const tally = new Tally();
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const ending = over.signal;
  const end = setTimeout(() => over.abort(), minutes * 60_000);
  const place = { host: keystore.host, port: keystore.port };
  const services = new Map([
    ['keystore', keystore.pid],
    ['daemon', daemon.pid],
  ]);
  /** @type {string[]} */
  const faults = [];
  try {
    await Promise.all([
      watchMemory(tally, services, ending),
      honestKeystoreClients({ place, tally, ending }),
      honestUsers({ socket: daemon.socket, image, tally, ending }),
      attack({ place, socket: daemon.socket, folder, milliseconds: minutes * 60_000 }, tally),
    ]);
  } finally {
    clearTimeout(end);
    over.abort();
    const codes = [await keystore.stop(), await daemon.stop()];
    if (codes.some((code) => code !== 0)) faults.push(`the services ended with exit ${codes.join(' and ')}`);
    faults.push(...(await errorsIn(logFile)).slice(0, 3).map((line) => `keystore: ${line.slice(0, 500)}`));
    if (/"level":"(?:error|fatal)"/.test(daemon.log())) faults.push(`daemon: ${daemon.log().slice(-500)}`);
  }
  return judge(tally, faults);
}

async function main() {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) {
    console.error('usage: npm run soak -- [--minutes N]');
    return 64;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-soak-'));
  try {
    console.log(`${minutes} minutes of honest clients and attackers`);
    const wrong = await soak(folder, minutes);
    for (const line of wrong) console.error(`FAIL  ${line}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
