import { spawn } from 'node:child_process';
import { request } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Milliseconds until a daemon must have said where it listens. */
const START_LIMIT = 60_000;

/** How much of its log is kept to show when something goes wrong. Characters. */
const LOG_TAIL = 8_000;

/**
 * @typedef {{
 *   socket: string, pid: number,
 *   log: () => string,
 *   reload: () => void,
 *   stop: () => Promise<number | null>,
 *   kill: () => Promise<void>,
 * }} DaemonProcess
 *   `stop` asks it to end and gives the exit code; `kill` is `kill -9`; `reload` is SIGHUP.
 */

/**
 * Starts the built trust daemon as a process of its own and waits until it listens.
 *
 * @param {{ config: string, env?: NodeJS.ProcessEnv, prefix?: readonly string[] }} options
 * @returns {Promise<DaemonProcess>}
 */
export async function startDaemon({ config, env = process.env, prefix = [] }) {
  const [program = '', ...args] = [...prefix, process.execPath, MAIN, 'daemon', '--config', config];
  const child = spawn(program, args, {
    cwd: path.dirname(config),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (/** @type {Buffer} */ chunk) => {
    log = (log + chunk.toString()).slice(-LOG_TAIL);
  });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => {
    child.on('exit', (code) => resolve(code));
  });
  const socket = await listening(child, ended, () => log);
  return {
    socket,
    pid: child.pid ?? 0,
    log: () => log,
    reload: () => void child.kill('SIGHUP'),
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
function listening(child, ended, log) {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the daemon did not say where it listens: ${output}${log()}`));
    }, START_LIMIT);
    child.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
      const found = /^Vouch daemon: (\/\S+)$/m.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
    child.on('error', reject);
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`the daemon ended with exit code ${code}: ${output}${log()}`));
    });
  });
}

/**
 * One request on the daemon's socket.
 *
 * @param {string} socket
 * @param {string} method
 * @param {string} target
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<{ status: number, text: string }>}
 */
export function ask(socket, method, target, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const sent = request({ socketPath: socket, method, path: target, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
