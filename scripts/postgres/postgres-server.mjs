import { execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const call = promisify(execFile);

/** Where Debian has each version of the server; its programs are not in PATH. */
const DEBIAN = '/usr/lib/postgresql';

const ROLE = 'vouch';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/**
 * @typedef {{
 *   url: string,
 *   pid: () => number,
 *   start: () => Promise<void>,
 *   stop: (how?: 'fast' | 'immediate') => Promise<void>,
 *   remove: () => Promise<void>,
 * }} PostgresServer
 *   `url` names its database `postgres`, as its superuser. It runs already; `stop` and `start` for as often as wanted.
 */

/** The folder with the programs of the newest PostgreSQL of this machine, or undefined. */
export async function findPostgres() {
  const versions = await readdir(DEBIAN).catch(() => []);
  const [newest] = versions.toSorted((a, b) => Number(b) - Number(a));
  return newest === undefined ? undefined : path.join(DEBIAN, newest, 'bin');
}

/**
 * Makes a PostgreSQL of its own in a temporary folder and starts it, on a Unix socket in there, and on a port of the
 * loopback when one is named. It keeps nothing safe: what it writes is not forced to the disk.
 *
 * @param {string} programs
 * @param {{
 *   port?: number, settings?: Readonly<Record<string, string>>, tls?: { certificate: string, key: string },
 * }} [options]
 *   `tls`: in PEM; connections by the port may be encrypted then.
 * @returns {Promise<PostgresServer>}
 */
export async function startPostgres(programs, { port, settings = {}, tls } = {}) {
  // The path of a socket has at most 107 characters.
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vp-'));
  const identity = await unprivileged();
  if (identity !== undefined) await chown(folder, identity.uid, identity.gid);
  const data = path.join(folder, 'data');
  const cluster = ['-D', data, '-U', ROLE, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await call(path.join(programs, 'initdb'), cluster, { ...identity, cwd: folder });
  const given = {
    fsync: 'off',
    unix_socket_directories: folder,
    listen_addresses: port === undefined ? '' : '127.0.0.1',
    ...(port !== undefined && { port: String(port) }),
    ...(tls !== undefined && (await tlsSettings(folder, tls, identity))),
    ...settings,
  };
  const words = Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let running = await launched();

  async function launched() {
    const child = spawn(path.join(programs, 'postgres'), ['-D', data, ...words], {
      ...identity,
      cwd: folder,
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await readyOf(child);
    return child;
  }

  /** @param {'fast' | 'immediate'} how */
  async function stop(how = 'fast') {
    const child = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  const socket = `host=${encodeURIComponent(folder)}${port === undefined ? '' : `&port=${port}`}`;
  return {
    url: `postgres:///postgres?${socket}&user=${ROLE}`,
    pid: () => running.pid ?? 0,
    async start() {
      running = await launched();
    },
    stop,
    async remove() {
      await stop('immediate');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * The address of the same database in which a schema comes first.
 *
 * @param {string} url
 * @param {string} schema
 */
export function inSchema(url, schema) {
  return `${url}&options=${encodeURIComponent(`-c search_path=${schema}`)}`;
}

/**
 * @param {string} folder
 * @param {{ certificate: string, key: string }} tls
 * @param {{ uid: number, gid: number } | undefined} identity
 */
async function tlsSettings(folder, { certificate, key }, identity) {
  const files = { ssl_cert_file: path.join(folder, 'tls.pem'), ssl_key_file: path.join(folder, 'tls.key') };
  await writeFile(files.ssl_cert_file, certificate);
  await writeFile(files.ssl_key_file, key, { mode: 0o600 });
  if (identity !== undefined) await chown(files.ssl_key_file, identity.uid, identity.gid);
  return { ssl: 'on', ...files };
}

/** @param {ChildProcess} child */
function readyOf(child) {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (/** @type {Buffer} */ chunk) => {
      log = (log + chunk.toString()).slice(-4000);
      if (log.includes('database system is ready to accept connections')) resolve(undefined);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${log}`)));
  });
}

/** PostgreSQL does not run as root; then it runs as the user that Debian makes for it. */
async function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => call('id', [flag, 'postgres'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}
