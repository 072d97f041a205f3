/**
 * `npm run bench -- open [--rounds 11]`
 *
 * P18: how long a store takes to open after `kill -9` in the middle of pushes, beside the same store closed in order.
 * `npm run crash` is the judge of whether anything was lost; here the acknowledged keys are asked for all the same.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { armor, enums } from 'openpgp';
import { openLevelKeystore } from '../../build/keystore/level.js';
import { forEachAtOnce, get, push } from '../crash/keystore-client.mjs';
import { startServer } from '../interop/server-process.mjs';
import { certificateMaker } from './corpus.mjs';
import { median, table } from './figures.mjs';
import { goalRow, HEAD } from './goal-row.mjs';

/** Pushed before the kill, which comes while the last of them are under way. */
const PUSHES = 400;
const KILL_AFTER = 360;
const AT_ONCE = 8;

/** Milliseconds: what P18 allows. */
const MOST_ABOVE = 50;

/** Of the data folder: what is opened. */
const STORE = 'keystore';

/** @param {readonly string[]} args */
export async function benchOpen(args) {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string', default: '11' } } });
  const measured = await measureOpen({ rounds: Number(values.rounds) });
  console.log(table([HEAD, ...measured.map(goalRow)]));
}

/**
 * @param {{ rounds: number }} sizes
 * @returns {Promise<import('./goals.mjs').Measured[]>} milliseconds
 */
export async function measureOpen({ rounds }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-open-'));
  try {
    const [killed, closed] = [path.join(folder, 'killed'), path.join(folder, 'closed')];
    const acknowledged = await pushAndKill(killed);
    await copyStore(killed, closed);
    const lost = await missingOf(closed, acknowledged);
    if (lost > 0) throw new Error(`${lost} of ${acknowledged.length} acknowledged keys are lost`);
    /** @type {{ killed: number, closed: number }[]} */
    const times = [];
    for (let round = 0; round <= rounds; round += 1) {
      // Opening a store repairs it, so each round opens copies.
      const one = {
        killed: await timeOfCopy(killed, folder),
        closed: await timeOfCopy(closed, folder),
      };
      if (round > 0) times.push(one);
    }
    return [summarize(times, acknowledged.length)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly { killed: number, closed: number }[]} times
 * @param {number} keys
 * @returns {import('./goals.mjs').Measured}
 */
function summarize(times, keys) {
  const above = times.map((one) => one.killed - one.closed);
  const closed = times.map((one) => one.closed);
  return {
    goal: 'P18',
    ratio: median(above),
    least: Math.min(...above),
    most: Math.max(...above),
    // Of a difference it is what the yardstick moved by beside what the difference may be.
    spread: Math.max(...closed.map((one) => Math.abs(one - median(closed)))) / MOST_ABOVE,
    figures: {
      'ms after kill -9': median(times.map((one) => one.killed)),
      'ms after close': median(closed),
      'acknowledged keys': keys,
      lost: 0,
    },
  };
}

/**
 * @param {string} data
 * @returns {Promise<string[]>} fingerprints of the keys that the server said it holds
 */
async function pushAndKill(data) {
  const make = certificateMaker();
  const keys = Array.from({ length: PUSHES }, (_, index) => make(index));
  const server = await startServer({ data, logFile: '/dev/null' });
  /** @type {string[]} */
  const acknowledged = [];
  try {
    await forEachAtOnce(keys, AT_ONCE, async ({ fingerprint, bytes }) => {
      await push(server.url, [armor(enums.armor.publicKey, bytes)]);
      acknowledged.push(fingerprint);
      if (acknowledged.length === KILL_AFTER) void server.kill();
    });
  } catch (error) {
    if (acknowledged.length < KILL_AFTER) throw error;
  }
  await server.kill();
  return acknowledged;
}

/**
 * Opens and closes the store in order.
 *
 * @param {string} data
 * @param {readonly string[]} fingerprints
 */
async function missingOf(data, fingerprints) {
  const server = await startServer({ data, logFile: '/dev/null' });
  let missing = 0;
  await forEachAtOnce(fingerprints, AT_ONCE, async (fingerprint) => {
    if ((await get(server.url, fingerprint)) === undefined) missing += 1;
  });
  await server.stop();
  return missing;
}

/**
 * @param {string} store
 * @param {string} folder
 */
async function timeOfCopy(store, folder) {
  const copy = path.join(folder, 'copy');
  await copyStore(store, copy);
  const began = performance.now();
  const keystore = await openLevelKeystore(path.join(copy, STORE), { now: Date.now });
  const { certificates } = await keystore.status();
  const time = performance.now() - began;
  await keystore.close();
  if (certificates === 0) throw new Error('the copy of the store is empty');
  await rm(copy, { recursive: true });
  return time;
}

/**
 * @param {string} from
 * @param {string} to
 */
function copyStore(from, to) {
  return cp(path.join(from, STORE), path.join(to, STORE), { recursive: true });
}
