/* The keyring of a host, as `vouch key import` writes it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkKey } from '../../../build/keyring/check-key.js';
import { PublicRing } from '../../../build/keyring/public-ring.js';
import { must, steps } from '../store.mjs';

const KEYS = 4;

/** @param {string} folder */
const ringIn = (folder) =>
  new PublicRing(path.join(folder, 'keys', 'pgp-public'), { confined: true, warn: () => undefined });

/**
 * @param {string} folder
 * @param {number} step
 */
async function certificate(folder, step) {
  const octets = await readFile(path.join(folder, '..', `key-${step}`));
  return checkKey(octets, () => Promise.resolve([]));
}

/** @type {import('../store.mjs').FaultStore['write']} */
export async function write(folder, done) {
  const ring = ringIn(folder);
  for (const step of steps(KEYS)) {
    await ring.add([await certificate(folder, step)]);
    done(step);
  }
}

/** @type {import('../store.mjs').FaultStore['verify']} */
export async function verify(folder, done) {
  const { certificates, problems } = await ringIn(folder).read();
  must(problems.length === 0, `the ring is whole, not ${JSON.stringify(problems)}`);
  const held = new Set(certificates.map(({ primary }) => primary.key.fingerprint));
  for (const step of done) {
    const { primary } = await certificate(folder, step);
    must(held.has(primary.key.fingerprint), `key ${step} was added and is there`);
  }
}

/** @type {NonNullable<import('../store.mjs').FaultStore['leftovers']>} */
export async function leftovers(folder) {
  const names = await readdir(path.join(folder, 'keys'));
  return names.filter((name) => name !== 'pgp-public');
}
