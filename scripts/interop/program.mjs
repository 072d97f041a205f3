import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** Longer than any client's own limit: what reaches it hangs. Milliseconds. */
const TIME_LIMIT = 120_000;

/**
 * @typedef {{ code: number | null, stdout: string, stderr: string, text: string }} Outcome
 *   `text` is both outputs together, for looking into.
 */

/**
 * Runs a program to its end, without a shell; kills it after `limit` milliseconds. Never rejects for an exit
 * code.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string | undefined, cwd?: string, limit?: number }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { env = process.env, input = '', cwd, limit = TIME_LIMIT } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, timeout: limit, killSignal: 'SIGKILL' });
    /** @type {Buffer[]} */
    const out = [];
    /** @type {Buffer[]} */
    const err = [];
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => out.push(chunk));
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const stdout = Buffer.concat(out).toString();
      const stderr = Buffer.concat(err).toString();
      resolve({ code, stdout, stderr, text: stdout + stderr });
    });
    // A program that does not read its input closes the pipe; that is its business.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/**
 * Like `run`, but an exit code other than 0 is an error that shows what the program said.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string | undefined, cwd?: string, limit?: number }} [options]
 */
export async function must(command, args, options) {
  const outcome = await run(command, args, options);
  if (outcome.code !== 0) {
    throw new Error(
      `${path.basename(command)} ${args.join(' ')}: exit ${outcome.code}: ${outcome.text.trim()}`,
    );
  }
  return outcome;
}

/**
 * The path of a program in PATH, or undefined.
 *
 * @param {string} name
 */
export async function findProgram(name) {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/** @param {string} file */
export async function isExecutable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * The environment of a client: no proxies (the server is on this machine), no colours, one language.
 *
 * @param {NodeJS.ProcessEnv} [more]
 * @returns {NodeJS.ProcessEnv}
 */
export function clientEnvironment(more = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:https?|all|no)_proxy$|^(?:GOFLAGS|GNUPGHOME|NODE_OPTIONS)$/i.test(name),
  );
  return { ...Object.fromEntries(inherited), LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...more };
}
