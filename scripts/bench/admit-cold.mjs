/* P12, P13 and P23: images that a daemon has to read, from the page cache: the disk is not what is measured. */
import { cp, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, startDaemon } from '../interop/daemon-process.mjs';
import { findProgram } from '../interop/program.mjs';
import { median } from './figures.mjs';
import { measuredOf } from './measured.mjs';
import { memory } from './process-figures.mjs';
import { makeImage } from './signed-image.mjs';
import { timedRuns } from './timed-run.mjs';
import { askAtOnce } from './unix-crowd.mjs';

/** Requests at once for one cold image, and MiB that it has. */
const CROWD = 1000;
const CROWD_IMAGE = 256;

/** Milliseconds that an idle daemon is watched; what happens in them is what happens at any time. */
const IDLE = 5000;

/** Milliseconds after which a change is told by the time of the file: else the daemon waits for that. */
const SETTLED = 60;

/**
 * P12 and P13: one image of `gib` GiB beside `openssl dgst -sha256`, then two of a quarter of that at once beside one.
 * None without openssl.
 *
 * @param {import('./admit-host.mjs').BenchHost} host
 * @param {{ gib: number, rounds: number }} sizes
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureCold(host, { gib, rounds }) {
  if (gib === 0 || (await findProgram('openssl')) === undefined) return [];
  const image = await makeImage(host.folder, host.keys, gib * 1024, host.env);
  const daemon = await startDaemon({ config: host.config, env: host.env });
  try {
    const one = await measureOne(host, daemon, image, rounds);
    await rm(image);
    return [...one, await measureTwo(host, daemon, Math.ceil(gib * 256), rounds)];
  } finally {
    await rm(image, { force: true });
    await daemon.kill();
  }
}

/**
 * @param {import('./admit-host.mjs').BenchHost} host
 * @param {import('../interop/daemon-process.mjs').DaemonProcess} daemon
 * @param {string} image
 * @param {number} rounds
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
async function measureOne({ folder, env }, { pid, socket }, image, rounds) {
  const run = await timedRuns({ scratch: path.join(folder, 'time'), env });
  const openssl = ['openssl', 'dgst', '-sha256', image];
  await run(openssl);
  /** @type {Record<'ours' | 'yardstick' | 'reading' | 'idle', number[]>} */
  const { ours, yardstick, reading, idle } = { ours: [], yardstick: [], reading: [], idle: [] };
  for (let round = 0; round < rounds; round += 1) {
    yardstick.push((await run(openssl)).milliseconds);
    await loopDelay(socket);
    await sleep(IDLE);
    idle.push(await loopDelay(socket));
    ours.push(await timeOf([image], socket));
    reading.push(await loopDelay(socket));
  }
  const { resident, anonymous } = await memory(pid);
  const megabytes = (await stat(image)).size / 1e6;
  /** @param {readonly number[]} times */
  const rate = (times) => megabytes / (median(times) / 1000);
  const rates = { 'MB/s': rate(ours), 'openssl MB/s': rate(yardstick) };
  const delays = { 'p99 ms reading': median(reading), 'p99 ms idle': median(idle) };
  const above = measuredOf('P13', { ours: reading, yardstick: idle }, delays, (a, b) => a - b);
  return [
    measuredOf('P12 rate', { ours, yardstick }, rates, (mine, its) => its / mine),
    { goal: 'P12 memory', ratio: resident, figures: { 'resident MiB': resident, 'own MiB': anonymous } },
    above,
  ];
}

/**
 * @param {import('./admit-host.mjs').BenchHost} host
 * @param {import('../interop/daemon-process.mjs').DaemonProcess} daemon
 * @param {number} mebibytes of each
 * @param {number} rounds
 * @returns {Promise<import('./goals.mjs').Measured>}
 */
async function measureTwo({ folder, keys, env }, { socket }, mebibytes, rounds) {
  const first = await makeImage(folder, keys, mebibytes, env);
  const second = path.join(folder, 'second.sif');
  await cp(first, second);
  /** @type {Record<'single' | 'both', number[]>} */
  const { single, both } = { single: [], both: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const [alone, together] = [await timeOf([first], socket), await timeOf([first, second], socket)];
    // The first round reads the copy into the page cache.
    if (round === 0) continue;
    single.push(alone);
    both.push(together);
  }
  await Promise.all([rm(first), rm(second)]);
  const figures = { 'ms for one': median(single), 'ms for two at once': median(both) };
  return measuredOf('P12 two', { ours: both, yardstick: single }, figures, (two, one) => (2 * one) / two);
}

/**
 * P23: a crowd for one cold image, beside a single request for it when it is cold again.
 *
 * @param {import('./admit-host.mjs').BenchHost} host
 * @param {{ rounds: number }} sizes
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureCrowd({ config, env, folder, keys }, { rounds }) {
  const image = await makeImage(folder, keys, CROWD_IMAGE, env);
  const daemon = await startDaemon({ config, env });
  /** @type {Record<'single' | 'many' | 'hashes', number[]>} */
  const { single, many, hashes } = { single: [], many: [], hashes: [] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const alone = await timeOf([image], daemon.socket);
      const before = await counterOf(daemon.socket, 'vouch_hashes_total');
      const crowded = await timeOf([image], daemon.socket, CROWD);
      const read = (await counterOf(daemon.socket, 'vouch_hashes_total')) - before;
      if (round === 0) continue;
      single.push(alone);
      many.push(crowded);
      hashes.push(read);
    }
  } finally {
    await daemon.kill();
    await rm(image);
  }
  const figures = {
    'ms for 1,000': median(many),
    'ms for one': median(single),
    'hashes each': Math.max(...hashes),
  };
  return [measuredOf('P23', { ours: many, yardstick: single }, figures)];
}

/**
 * Milliseconds until all are answered; the images count as changed before, so that they have to be read.
 *
 * @param {readonly string[]} images
 * @param {string} socket
 * @param {number} [each] requests about each image, at once
 */
async function timeOf(images, socket, each = 1) {
  for (const image of images) await utimes(image, new Date(), new Date());
  await sleep(SETTLED);
  const began = performance.now();
  await Promise.all(
    images.map((image) => {
      const body = JSON.stringify({ images: [{ path: image }], wait_ms: 600_000 });
      return askAtOnce(socket, body, each);
    }),
  );
  return performance.now() - began;
}

/**
 * Milliseconds by which turns of the daemon's loop were late, at the 99th centile since it was asked last.
 *
 * @param {string} socket
 */
async function loopDelay(socket) {
  return (await counterOf(socket, 'nodejs_eventloop_lag_p99_seconds')) * 1000;
}

/**
 * @param {string} socket
 * @param {string} name
 */
async function counterOf(socket, name) {
  const { text } = await ask(socket, 'GET', '/metrics');
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}
