/* SKS, the key server in OCaml, as Debian packages it: on loopback, in a folder of its own, without peers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, isExecutable, must } from '../interop/program.mjs';

/** Where Debian has it. */
const SKS = '/usr/sbin/sks';

/** Pages that `sks build` keeps in memory, and keyrings it reads at a time: what its own manual suggests. */
const BUILD = ['-n', '10', '-cache', '100'];

/** Folders that it does not make by itself. */
const FOLDERS = ['etc/sks', 'var/lib/sks', 'var/log/sks', 'var/run/sks', 'var/spool/sks'];

/** Milliseconds until it must answer. */
const START_LIMIT = 20_000;

/** The path of SKS, or undefined. */
export async function findSks() {
  return (await findProgram('sks')) ?? ((await isExecutable(SKS)) ? SKS : undefined);
}

/**
 * Makes the store of an SKS server out of a keyring, without verifying anything, as SKS does. One that is there
 * stays.
 *
 * @param {string} sks
 * @param {string} folder
 * @param {string} keyring
 */
export async function buildSks(sks, folder, keyring) {
  const built = await access(path.join(folder, 'var/lib/sks/DB')).then(
    () => true,
    () => false,
  );
  if (built) return;
  for (const inside of FOLDERS) await mkdir(path.join(folder, inside), { recursive: true });
  await must(sks, ['build', keyring, '-basedir', folder, ...BUILD], { cwd: folder });
}

/** A port that nobody listens on now. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * Starts SKS on a store that `buildSks` made.
 *
 * @param {string} sks
 * @param {string} folder
 * @returns {Promise<import('./lookups.mjs').Subject>}
 */
export async function startSks(sks, folder) {
  const port = await freePort();
  const words = ['db', '-basedir', folder, '-hkp_port', String(port), '-hkp_address', '127.0.0.1'];
  const child = spawn(sks, [...words, '-disable_mailsync'], { cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const end = performance.now() + START_LIMIT;
  while (!(await answers(url))) {
    if (performance.now() > end || child.exitCode !== null) throw new Error('sks does not answer');
    await delay(50);
  }
  return {
    url,
    pid: child.pid ?? 0,
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

/** @param {string} url */
function answers(url) {
  return fetch(`${url}/pks/lookup?op=stats`).then(
    async (answer) => {
      await answer.arrayBuffer();
      return true;
    },
    () => false,
  );
}
