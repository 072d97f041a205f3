/** Plays hosts of a fleet, one after the other: `node fleet-hosts.mjs PLAY` prints what they cost as JSON. */
import { subscribe } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { HkpClient } from '../../build/hkp/client.js';
import { push } from '../crash/keystore-client.mjs';
import { createRandom } from '../crash/random.mjs';
import { hostDb, openHost } from './fleet-state.mjs';

/**
 * @typedef {{
 *   url: string, state: string, folder: string, keys: number, first: number, hosts: number,
 *   way: 'log' | 'keys' | 'day', changes?: string,
 * }} Play `first` is the number of the first host, which says what keys it trusts.
 */

const MINUTE = 60_000;
const DAY_STEPS = 288;

/** What fetch keeps its connections in. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** @type {Play} */
const play = JSON.parse(process.argv[2] ?? '{}');
/** @type {import('./fleet-state.mjs').State} */
const state = JSON.parse(await readFile(play.state, 'utf8'));
const all = Object.keys(state['keys'] ?? {});

const counts = { requests: 0, received: 0, sent: 0 };
/** @type {import('node:net').Socket[]} */
let sockets = [];
subscribe('undici:request:create', () => {
  counts.requests += 1;
});
subscribe('undici:client:connected', (message) => {
  if (typeof message !== 'object' || message === null || !('socket' in message)) return;
  if (message.socket instanceof Socket) sockets.push(message.socket);
});

/** Hangs up, as the next host does not come over the connection of this one; and counts what went over it. */
async function hangUp() {
  for (const socket of sockets) {
    counts.received += socket.bytesRead;
    counts.sent += socket.bytesWritten;
  }
  sockets = [];
  const before = Reflect.get(globalThis, DISPATCHER);
  if (before === undefined) return;
  Reflect.set(globalThis, DISPATCHER, new before.constructor());
  await before.destroy();
}

/** @param {number} host */
function keysOf(host) {
  const random = createRandom(host + 1);
  const left = [...all];
  return Array.from({ length: Math.min(play.keys, left.length) }, () => {
    const at = random.between(0, left.length - 1);
    const [key = ''] = left.splice(at, 1, left[left.length - 1] ?? '');
    left.pop();
    return key;
  });
}

/**
 * @param {number} number
 * @param {'log' | 'keys'} way
 * @param {() => number} now
 */
async function hostOf(number, way, now) {
  const keys = keysOf(number);
  const keystore = new HkpClient(play.url);
  // Other key servers have no change log.
  const plain = {
    name: play.url,
    /** @param {string} fingerprint */
    get: (fingerprint) => keystore.get(fingerprint),
    changes: () => Promise.resolve(undefined),
    digests: () => Promise.resolve(undefined),
  };
  const client = way === 'log' ? keystore : plain;
  const book = await openHost({ db: hostDb(state, keys), folder: play.folder, client, now });
  await book.pin(keys);
  return book;
}

/** @param {Awaited<ReturnType<typeof hostOf>>} book */
async function refresh(book) {
  const { failed } = await book.refresh();
  if (failed.length > 0) throw new Error(`a refresh failed: ${JSON.stringify(failed[0])}`);
}

/** @param {'log' | 'keys'} way */
async function playRefreshes(way) {
  let processor = 0;
  for (let number = play.first; number < play.first + play.hosts; number += 1) {
    const book = await hostOf(number, way, Date.now);
    const before = process.cpuUsage();
    await refresh(book);
    const { user, system } = process.cpuUsage(before);
    processor += user + system;
    await hangUp();
    await book.close();
  }
  return { ...counts, processor };
}

/** Every five minutes, as the schedule of the daemon says. */
async function playDay() {
  /** @type {string[][]} */
  const quarters = JSON.parse(await readFile(play.changes ?? '', 'utf8'));
  let now = Date.now();
  const day = { log: 0, keys: 0 };
  const ways = /** @type {const} */ (['log', 'keys']);
  const hosts = [];
  for (let number = 0; number < play.hosts; number += 1) {
    for (const way of ways) hosts.push({ way, book: await hostOf(number, way, () => now) });
  }
  for (let step = 0; step < DAY_STEPS; step += 1) {
    const quarter = quarters[step / (DAY_STEPS / quarters.length)];
    for (const armor of quarter ?? []) await push(play.url, [armor]);
    now += 5 * MINUTE;
    for (const { way, book } of hosts) {
      const before = counts.requests;
      await refresh(book);
      day[way] += counts.requests - before;
    }
  }
  return { ...counts, processor: 0, day };
}

console.log(JSON.stringify(play.way === 'day' ? await playDay() : await playRefreshes(play.way)));
process.exit();
