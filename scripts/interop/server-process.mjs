import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startListening } from './listening-process.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

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
 * @param {{
 *   data: string, store?: string, listen?: string, env?: NodeJS.ProcessEnv, prefix?: readonly string[], logFile?: string,
 * }} options
 *   `store` is a database; `prefix` is a command that runs it, such as taskset; `logFile` takes its log instead of this process.
 * @returns {Promise<ServerProcess>}
 */
export async function startServer({
  data,
  store,
  listen = '127.0.0.1:0',
  env = process.env,
  prefix = [],
  logFile,
}) {
  const database = store === undefined ? [] : ['--store', store];
  const serve = [process.execPath, MAIN, 'serve', '--listen', listen, '--data', data, ...database];
  const { address: url, ...server } = await startListening({
    words: [...prefix, ...serve],
    says: /^Vouch keystore: (http:\/\/\S+)$/m,
    cwd: path.dirname(data),
    env,
    logFile,
  });
  const { hostname, port } = new URL(url);
  return { ...server, url, host: hostname, port: Number(port) };
}
