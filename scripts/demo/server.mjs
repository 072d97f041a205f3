import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const VOUCH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const READY = /^Vouch keystore: (http:\S+)/;
const START_LIMIT_MS = 20_000;

/** A `vouch serve` process of our own on a free port. */
export class Server {
  /** Address without a trailing slash. */
  url;
  #process;

  /**
   * @param {import('node:child_process').ChildProcess} process
   * @param {string} url
   */
  constructor(process, url) {
    this.#process = process;
    this.url = url;
  }

  /**
   * @param {string} data folder of the store
   * @returns {Promise<Server>}
   */
  static async start(data) {
    const child = spawn(process.execPath, [VOUCH, 'serve', '--listen', '127.0.0.1:0', '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // However this process ends, the server does not outlive it.
    const orphan = () => void child.kill('SIGKILL');
    process.once('exit', orphan);
    child.once('exit', () => process.off('exit', orphan));
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    try {
      return new Server(child, await address(child));
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${said}`.trim(), {
        cause: error,
      });
    }
  }

  /** As a power cut would: no chance to tidy up. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** @returns {Promise<number | null>} the exit code */
  async stop() {
    await this.#end('SIGTERM');
    return this.#process.exitCode;
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill(signal);
    await ended;
  }
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @returns {Promise<string>}
 */
function address(child) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error('the server did not say where it listens')),
      START_LIMIT_MS,
    );
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`the server ended (${signal ?? `exit ${code}`})`)));
    createInterface(child.stdout).on('line', (line) => {
      const url = READY.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(limit);
      resolve(url.replace(/\/$/, ''));
    });
  });
}
