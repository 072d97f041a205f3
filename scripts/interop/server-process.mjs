import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Milliseconds until a server must have said where it listens. */
const START_LIMIT = 60_000;

/** How much of its log is kept to show when something goes wrong. Characters. */
const LOG_TAIL = 4_000;

/**
 * @typedef {{
 *   url: string, host: string, port: number, pid: number,
 *   log: () => string,
 *   stop: () => Promise<number | null>,
 *   kill: () => Promise<void>,
 * }} ServerProcess
 *   `stop` asks it to end and gives the exit code; `kill` is `kill -9`.
 */

/**
 * Starts the built keystore as a process of its own and waits until it listens.
 *
 * @param {{ data: string, listen?: string, env?: NodeJS.ProcessEnv, prefix?: readonly string[], logFile?: string }} options
 *   `prefix` is a command that runs it, such as taskset; `logFile` takes its log instead of this process.
 * @returns {Promise<ServerProcess>}
 */
export async function startServer({ data, listen = '127.0.0.1:0', env = process.env, prefix = [], logFile }) {
  const serve = [process.execPath, MAIN, 'serve', '--listen', listen, '--data', data];
  const [program = '', ...args] = [...prefix, ...serve];
  const child = spawn(program, args, {
    cwd: path.dirname(data),
    env,
    stdio: ['ignore', 'pipe', logFile === undefined ? 'pipe' : openSync(logFile, 'a')],
  });
  let log = '';
  child.stderr?.on('data', (/** @type {Buffer} */ chunk) => {
    log = (log + chunk.toString()).slice(-LOG_TAIL);
  });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => {
    child.on('exit', (code) => resolve(code));
  });
  const url = await address(child, ended, () => log);
  const { hostname, port } = new URL(url);
  return {
    url,
    host: hostname,
    port: Number(port),
    pid: child.pid ?? 0,
    log: () => log,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<number | null>} ended
 * @param {() => string} log
 * @returns {Promise<string>}
 */
function address(child, ended, log) {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not say where it listens: ${output}${log()}`));
    }, START_LIMIT);
    child.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
      const found = /^Vouch keystore: (http:\/\/\S+)$/m.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
    child.on('error', reject);
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`the server ended with exit code ${code}: ${output}${log()}`));
    });
  });
}
