import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { findProgram, must } from '../interop/program.mjs';

/** The programs that benchmarks are measured beside or with, and the Debian packages that they are in. */
const PACKAGES = /** @type {const} */ ({
  wrk: 'wrk',
  sks: 'sks',
  sq: 'sq',
  onak: 'onak',
  openssl: 'openssl',
  curl: 'curl',
  nginx: 'nginx-light',
  initdb: 'postgresql',
});

/** @typedef {keyof typeof PACKAGES} Peer */

/** Where Debian has programs that are not for everybody. */
const MORE_FOLDERS = ['/usr/sbin', '/sbin', '/usr/lib/postgresql/15/bin', '/usr/lib/postgresql/17/bin'];

/**
 * The path of a peer's program, or undefined.
 *
 * @param {Peer} peer
 */
export async function findPeer(peer) {
  const found = await findProgram(peer);
  if (found !== undefined) return found;
  for (const folder of MORE_FOLDERS) {
    const file = path.join(folder, peer);
    const canRun = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (canRun) return file;
  }
  return undefined;
}

/**
 * Installs what is missing of these when `mayInstall`, as root or by sudo.
 *
 * @param {readonly Peer[]} peers
 * @param {boolean} mayInstall
 * @returns {Promise<ReadonlySet<Peer>>} what is still missing; it was said on stderr how to install it
 */
export async function providePeers(peers, mayInstall) {
  const missing = await missingOf(peers);
  if (missing.size === 0) return missing;
  const packages = [...missing].map((peer) => PACKAGES[peer]);
  const asRoot = await wayToRoot();
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (!mayInstall || asRoot === undefined) {
    const why = mayInstall ? 'neither root nor sudo' : 'nothing is installed without --install';
    console.error(`missing: ${[...missing].join(', ')} (${why}). Run: ${install.join(' ')}`);
    return missing;
  }
  console.error(`installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [['apt-get', 'update', '-qq'], install]) {
    const [program = '', ...args] = [...asRoot, ...words];
    await must(program, args, { env, limit: 600_000 });
  }
  return missingOf(peers);
}

/** @param {readonly Peer[]} peers */
async function missingOf(peers) {
  /** @type {Set<Peer>} */
  const missing = new Set();
  for (const peer of peers) if ((await findPeer(peer)) === undefined) missing.add(peer);
  return missing;
}

/** The words in front of a command that root has to run. */
async function wayToRoot() {
  if ((await findProgram('apt-get')) === undefined) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = await findProgram('sudo');
  return sudo === undefined ? undefined : [sudo, '--preserve-env=DEBIAN_FRONTEND'];
}
