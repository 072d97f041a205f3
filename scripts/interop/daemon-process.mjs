import { request } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startListening } from './listening-process.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/**
 * @typedef {{
 *   socket: string, pid: number,
 *   log: () => string,
 *   stop: () => Promise<number | null>,
 *   kill: () => Promise<void>,
 * }} DaemonProcess
 *   `stop` asks it to end and gives the exit code; `kill` is `kill -9`.
 */

/**
 * Starts the built trust daemon as a process of its own and waits until it listens.
 *
 * @param {{ config: string, env?: NodeJS.ProcessEnv, prefix?: readonly string[] }} options
 *   `prefix` is a command that runs it, such as taskset.
 * @returns {Promise<DaemonProcess>}
 */
export async function startDaemon({ config, env = process.env, prefix = [] }) {
  const { address: socket, ...daemon } = await startListening({
    words: [...prefix, process.execPath, MAIN, 'daemon', '--config', config],
    says: /^Vouch daemon: (\/\S+)$/m,
    cwd: path.dirname(config),
    env,
  });
  return { ...daemon, socket };
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
