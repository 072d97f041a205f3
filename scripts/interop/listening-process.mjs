import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';

/** Milliseconds until a process must have said where it listens. */
const START_LIMIT = 60_000;

/** How much of its log is kept to show when something goes wrong. Characters. */
const LOG_TAIL = 8_000;

/**
 * @typedef {{
 *   address: string, pid: number,
 *   log: () => string,
 *   signal: (name: NodeJS.Signals) => void,
 *   stop: () => Promise<number | null>,
 *   kill: () => Promise<void>,
 * }} ListeningProcess
 *   `stop` asks it to end and gives the exit code; `kill` is `kill -9`.
 */

/**
 * Starts a service as a process of its own and waits until it says where it listens.
 *
 * @param {{
 *   words: readonly string[], says: RegExp, cwd: string, env?: NodeJS.ProcessEnv, logFile?: string | undefined,
 * }} options
 *   The first group of `says` is the address; `logFile` takes its log instead of this process.
 * @returns {Promise<ListeningProcess>}
 */
export async function startListening({ words, says, cwd, env = process.env, logFile }) {
  const [program = '', ...args] = words;
  const child = spawn(program, args, {
    cwd,
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
  const address = await addressOf(child, says, ended, () => log);
  return {
    address,
    pid: child.pid ?? 0,
    log: () => log,
    signal: (name) => void child.kill(name),
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
 * @param {RegExp} says
 * @param {Promise<number | null>} ended
 * @param {() => string} log
 * @returns {Promise<string>}
 */
function addressOf(child, says, ended, log) {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`it did not say where it listens: ${output}${log()}`));
    }, START_LIMIT);
    child.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
      const found = says.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
    child.on('error', reject);
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`it ended with exit code ${code}: ${output}${log()}`));
    });
  });
}
