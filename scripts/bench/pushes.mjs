import { open } from 'node:fs/promises';
import path from 'node:path';
import { armor, enums } from 'openpgp';
import { forEachAtOnce, push } from '../crash/keystore-client.mjs';
import { startServer } from '../interop/server-process.mjs';
import { certificateMaker } from './corpus.mjs';
import { median, percentile } from './figures.mjs';

const PUSHES = 300;
const WARM_UP = 50;
const CONCURRENCY = [1, 8];

/** Octets written before each fdatasync of the floor: about a certificate with its search terms. */
const FLOOR_OCTETS = 2048;
const FLOOR_COUNT = 200;

/**
 * What one durable write costs on this disk, with nothing else around it.
 *
 * @param {string} folder
 * @returns {Promise<number>} median in milliseconds
 */
async function fdatasyncFloor(folder) {
  const file = await open(path.join(folder, 'floor'), 'a');
  const block = Buffer.alloc(FLOOR_OCTETS, 7);
  const times = [];
  try {
    for (let count = 0; count < FLOOR_COUNT; count += 1) {
      const start = performance.now();
      await file.appendFile(block);
      await file.datasync();
      times.push(performance.now() - start);
    }
  } finally {
    await file.close();
  }
  return median(times);
}

/**
 * Pushes fresh keys into an empty store, each in a request of its own.
 *
 * @param {string} folder
 */
export async function measurePushes(folder) {
  const make = certificateMaker();
  const floors = [await fdatasyncFloor(folder)];
  const server = await startServer({ data: path.join(folder, 'pushes'), logFile: '/dev/null' });
  let index = 0;
  /** @param {number} count */
  const fresh = (count) =>
    Array.from({ length: count }, () => armor(enums.armor.publicKey, make((index += 1)).bytes));
  /** @type {Record<string, { perSecond: number, p50: number, p99: number }>} */
  const points = {};
  try {
    await forEachAtOnce(fresh(WARM_UP), 1, (key) => push(server.url, [key]));
    for (const atOnce of CONCURRENCY) {
      const keys = fresh(PUSHES);
      /** @type {number[]} */
      const times = [];
      const start = performance.now();
      await forEachAtOnce(keys, atOnce, async (key) => {
        const begun = performance.now();
        await push(server.url, [key]);
        times.push(performance.now() - begun);
      });
      const perSecond = PUSHES / ((performance.now() - start) / 1000);
      points[`push, c${atOnce}`] = { perSecond, p50: median(times), p99: percentile(times, 0.99) };
    }
  } finally {
    await server.stop();
  }
  floors.push(await fdatasyncFloor(folder));
  return { floor: median(floors), points };
}
