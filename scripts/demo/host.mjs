import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientEnvironment } from '../interop/program.mjs';
import { answer, command } from './screen.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A computer with keyrings of its own: here, a folder that is HOME and where commands are run. */
export class Host {
  /**
   * @param {string} folder
   * @param {string} name
   */
  static async create(folder, name) {
    const home = join(folder, name);
    await mkdir(home, { mode: 0o700 });
    return new Host(home);
  }

  /** @param {string} home */
  constructor(home) {
    this.home = home;
    /** @type {string | undefined} where its trust daemon listens */
    this.socket = undefined;
  }

  /** What its processes see: nothing of the settings of whoever runs the demo. */
  get environment() {
    const inherited = Object.entries(clientEnvironment({ HOME: this.home }));
    const env = Object.fromEntries(
      inherited.filter(([name]) => !/^(?:SINGULARITY|APPTAINER|VOUCH)_/.test(name)),
    );
    return this.socket === undefined ? env : { ...env, VOUCH_SOCKET: this.socket };
  }

  /** @param {string} name of a file in its home */
  path(name) {
    return join(this.home, name);
  }

  /**
   * Runs `vouch` and shows what was typed and what came back. Throws for another exit code than `expected`.
   *
   * @param {readonly string[]} words
   * @param {number} [expected] exit code
   * @returns {Promise<string>} what came back, as a person sees it: both outputs in their order
   */
  async vouch(words, expected = 0) {
    command(`vouch ${words.map(quoted).join(' ')}`);
    const { code, text } = await this.#run(words);
    if (text !== '') answer(text.replaceAll(this.home, '~'));
    if (code === expected) return text;
    throw new Error(`expected exit code ${expected}, not ${code}, of vouch ${words.join(' ')}`);
  }

  /** @param {readonly string[]} words */
  async #run(words) {
    const screen = this.path('.screen');
    const file = await open(screen, 'w');
    try {
      const stdio = /** @type {const} */ (['ignore', file.fd, file.fd]);
      const child = spawn(process.execPath, [MAIN, ...words], {
        env: this.environment,
        cwd: this.home,
        stdio: [...stdio],
      });
      const [code] = await once(child, 'close');
      return { code: Number(code), text: await readFile(screen, 'utf8') };
    } finally {
      await file.close();
    }
  }
}

/** @param {string} word */
function quoted(word) {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word}'`;
}
