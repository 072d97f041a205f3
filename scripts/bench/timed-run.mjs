import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isExecutable } from '../interop/program.mjs';

const GNU_TIME = '/usr/bin/time';

/**
 * @typedef {{ milliseconds: number, peak: number }} Run
 *   From start to end of the process; `peak` is its largest resident set in MiB, NaN without GNU time.
 */

/**
 * Runs programs and measures them. `scratch` is a file that is written over.
 *
 * @param {{ scratch: string, env: NodeJS.ProcessEnv }} options
 */
export async function timedRuns({ scratch, env }) {
  const canMeasure = await isExecutable(GNU_TIME);

  /**
   * Throws when the program fails.
   *
   * @param {readonly string[]} words
   * @returns {Promise<Run>}
   */
  return async (words) => {
    const measured = canMeasure ? [GNU_TIME, '-f', '%M', '-o', scratch, ...words] : words;
    const [program = '', ...args] = measured;
    const began = performance.now();
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => {
      said += chunk.toString();
    });
    const [code] = await once(child, 'close');
    const milliseconds = performance.now() - began;
    if (code !== 0) throw new Error(`${words.join(' ')}: exit ${code}: ${said}`);
    const kibibytes = canMeasure ? Number((await readFile(scratch, 'utf8')).trim()) : Number.NaN;
    return { milliseconds, peak: kibibytes / 1024 };
  };
}
