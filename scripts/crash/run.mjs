#!/usr/bin/env node
/**
 * `npm run crash [-- --rounds 20 --keys 500 --seed N]`: pushes under load, `kill -9` at a random moment,
 * restart. Every acknowledged certificate must be served as a server that was never killed serves it,
 * and `vouch keystore check` must find nothing. The death of the process is tested, not the loss of power.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from '../interop/program.mjs';
import { startServer } from '../interop/server-process.mjs';
import { forEachAtOnce, get } from './keystore-client.mjs';
import { pushUntilDead } from './load.mjs';
import { makePool, VERSIONS } from './pool.mjs';
import { createRandom } from './random.mjs';
import { servedVersions } from './reference.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The kill comes this long after the first acknowledged push of a round. Milliseconds. */
const KILL_AFTER = { least: 0, most: 700 };

/** A store is used for several crashes and put away when so many of the pushes are done. */
const USED_UP = 0.8;

/** @typedef {import('./load.mjs').Progress} Progress */

/**
 * @param {import('./random.mjs').Random} random
 * @param {string} data
 * @param {readonly Progress[]} progress
 */
async function loadAndKill(random, data, progress) {
  const server = await startServer({ data });
  const delay = random.between(KILL_AFTER.least, KILL_AFTER.most);
  /** @type {Promise<void> | undefined} */
  let killed;
  let pushes = 0;
  const ended = await pushUntilDead(server.url, progress, random, () => {
    pushes += 1;
    killed ??= new Promise((resolve) => {
      setTimeout(() => resolve(server.kill()), delay);
    });
  });
  const refused = ended instanceof Error && ended.message.startsWith('a push was refused');
  await (killed ?? server.kill());
  if (refused) throw ended;
  if (killed === undefined) throw new Error(`no push was acknowledged: ${String(ended)} ${server.log()}`);
  return { delay, pushes };
}

/**
 * Holds what a restarted server serves against what was acknowledged.
 *
 * @param {string} data
 * @param {readonly Progress[]} progress
 * @param {ReadonlyMap<string, readonly string[]>} truth
 */
async function verifyServed(data, progress, truth) {
  const server = await startServer({ data });
  const counts = { certificates: 0, unacknowledged: 0 };
  try {
    await forEachAtOnce(progress, 8, async (one) => {
      const { fingerprint } = one.key;
      const answer = await get(server.url, fingerprint);
      const version = answer === undefined ? 0 : (truth.get(fingerprint)?.indexOf(answer) ?? -1) + 1;
      if (answer !== undefined && version === 0)
        throw new Error(`${fingerprint} is served damaged: ${answer}`);
      if (version < one.acknowledged) {
        throw new Error(`${fingerprint}: version ${one.acknowledged} was acknowledged, ${version} is served`);
      }
      if (version > one.sent)
        throw new Error(`${fingerprint}: version ${version} is served and was never sent`);
      if (version > 0) counts.certificates += 1;
      if (version > one.acknowledged) counts.unacknowledged += 1;
      one.acknowledged = version;
    });
  } finally {
    await server.stop();
  }
  return counts;
}

/** @param {string} data */
async function check(data) {
  const outcome = await run(process.execPath, [MAIN, 'keystore', 'check', '--data', data]);
  if (outcome.code !== 0) throw new Error(`keystore check: exit ${outcome.code}: ${outcome.text}`);
}

/**
 * @param {{ rounds: number, keys: number, seed: number, folder: string }} options
 */
async function crash({ rounds, keys, seed, folder }) {
  const random = createRandom(seed);
  const pool = await makePool(keys);
  console.log(`seed ${seed}: ${rounds} rounds with ${keys} keys of ${VERSIONS} versions`);
  const truth = await servedVersions(pool, folder);
  const fresh = () => pool.map((key) => ({ key, acknowledged: 0, sent: 0, busy: false }));
  let stores = 1;
  let progress = fresh();
  for (let round = 1; round <= rounds; round += 1) {
    const data = path.join(folder, `store-${stores}`);
    const { delay, pushes } = await loadAndKill(random, data, progress);
    // Either the check or the server is the first to open what the crash left.
    if (random.chance(0.5)) await check(data);
    const { certificates, unacknowledged } = await verifyServed(data, progress, truth);
    await check(data);
    console.log(
      `ok    round ${round}: killed ${delay} ms after the first of ${pushes} acknowledged pushes; store ${stores} has ` +
        `${certificates} certificates, all complete, ${unacknowledged} of them newer than acknowledged; check is clean`,
    );
    const done = progress.reduce((sum, one) => sum + one.acknowledged, 0);
    if (done >= USED_UP * keys * VERSIONS) {
      stores += 1;
      progress = fresh();
    }
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      keys: { type: 'string', default: '500' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    },
  });
  const options = { rounds: Number(values.rounds), keys: Number(values.keys), seed: Number(values.seed) };
  if (!Object.values(options).every((value) => Number.isSafeInteger(value) && value >= 0)) {
    console.error('usage: npm run crash -- [--rounds N] [--keys N] [--seed N]');
    return 64;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-crash-'));
  try {
    await crash({ ...options, folder });
    await rm(folder, { recursive: true, force: true });
    console.log(`\n${options.rounds} rounds, nothing lost`);
    return 0;
  } catch (error) {
    console.error(
      `FAIL  ${error instanceof Error ? error.message : String(error)}\nseed ${options.seed}; stores are left in ${folder}`,
    );
    return 1;
  }
}

process.exitCode = await main();
