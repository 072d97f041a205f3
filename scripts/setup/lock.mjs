import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const POLL_MS = 100;

/**
 * Makes sure that one setup works on a checkout at a time; waits while another does. A lock whose process is
 * gone is taken over. Blocks the process: nothing else runs in it.
 *
 * @param {string} root the checkout
 * @param {(line: string) => void} say told once when there is something to wait for
 * @returns {() => void} gives the lock back
 */
export function lock(root, say) {
  const file = join(root, '.setup.lock');
  // Written beside and then linked, so that the lock never exists without its owner's name.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${hostname()} ${process.pid}\n`);
  try {
    let waiting = false;
    while (!acquire(own, file)) {
      const owner = ownerOf(file);
      if (owner === undefined) continue;
      if (isGone(owner)) {
        takeAway(file, owner, `${own}.old`);
        continue;
      }
      if (!waiting) say(`waiting for process ${owner.pid}, which is setting up this folder too`);
      waiting = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/**
 * @param {string} own
 * @param {string} file
 * @returns {boolean}
 */
function acquire(own, file) {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * Removes the lock of a dead owner. Renaming first, because another setup may have done the same just now
 * and hold a new lock under that name: that one is put back.
 *
 * @param {string} file
 * @param {Owner} dead
 * @param {string} aside
 */
function takeAway(file, dead, aside) {
  try {
    renameSync(file, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const taken = ownerOf(aside);
  if (taken !== undefined && (taken.pid !== dead.pid || taken.host !== dead.host)) acquire(aside, file);
  rmSync(aside, { force: true });
}

/** @typedef {{ host: string, pid: number }} Owner */

/**
 * @param {string} file
 * @returns {Owner | undefined} undefined when the lock was given back meanwhile
 */
function ownerOf(file) {
  try {
    const [host = '', pid = ''] = readFileSync(file, 'utf8').trim().split(' ');
    return { host, pid: Number(pid) };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * @param {Owner} owner
 * @returns {boolean}
 */
function isGone({ host, pid }) {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 * @returns {boolean}
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
