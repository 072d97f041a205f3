/* SKS, the key server in OCaml, as Debian packages it: on loopback, in a folder of its own, without peers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, must } from '../interop/program.mjs';

/** Milliseconds until it must answer. */
const START_LIMIT = 20_000;

/** Folders that it does not make by itself. */
const FOLDERS = ['etc/sks', 'var/lib/sks', 'var/log/sks', 'var/run/sks', 'var/spool/sks'];

/**
 * A store of SKS with the certificates of a keyring; undefined where SKS is not installed.
 *
 * @param {string} home
 * @param {string} corpus
 */
export async function prepareSks(home, corpus) {
  const program = await findProgram('sks');
  if (program === undefined) {
    console.error('sks is not installed (apt-get install sks): nothing is held against it');
    return undefined;
  }
  const built = await access(path.join(home, 'var/lib/sks/DB')).then(
    () => true,
    () => false,
  );
  if (!built) {
    for (const folder of FOLDERS) await mkdir(path.join(home, folder), { recursive: true });
    await must(program, ['build', '-basedir', home, '-n', '10', '-cache', '100', corpus]);
  }
  return { program, home };
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * @param {{ program: string, home: string }} sks
 * @returns {Promise<import('./lookups.mjs').Subject>}
 */
export async function startSks({ program, home }) {
  const port = await freePort();
  const words = ['db', '-basedir', home, '-hkp_port', String(port), '-hkp_address', '127.0.0.1'];
  const child = spawn(program, [...words, '-disable_mailsync'], { stdio: 'ignore' });
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
