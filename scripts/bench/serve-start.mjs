/** P17: how long `vouch serve` takes from its start to its first answer, beside an empty program. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { clientEnvironment } from '../interop/program.mjs';
import { startServer } from '../interop/server-process.mjs';
import { median } from './figures.mjs';
import { measuredOf } from './measured.mjs';
import { timedRuns } from './timed-run.mjs';

/**
 * @param {{ starts: number }} sizes
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureServeStart({ starts }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vouch-start-'));
  try {
    const env = clientEnvironment({ NODE_ENV: 'production' });
    delete env['NODE_EXTRA_CA_CERTS'];
    const run = await timedRuns({ scratch: path.join(folder, 'time'), env });
    /** @type {number[]} */
    const serve = [];
    /** @type {number[]} */
    const empty = [];
    for (let start = 0; start <= starts; start += 1) {
      const nothing = (await run([process.execPath, '-e', '0'])).milliseconds;
      const answer = await firstAnswer(path.join(folder, 'data'), env);
      // The first makes the store, and brings the programs into memory.
      if (start === 0) continue;
      empty.push(nothing);
      serve.push(answer);
    }
    const figures = { 'vouch serve ms': median(serve), 'node -e 0 ms': median(empty) };
    return [measuredOf('P17 serve', { ours: serve, yardstick: empty }, figures)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} data
 * @param {NodeJS.ProcessEnv} env
 */
async function firstAnswer(data, env) {
  const began = performance.now();
  const server = await startServer({ data, env, logFile: '/dev/null' });
  try {
    const answer = await fetch(`${server.url}/readyz`);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`a server that has started answers ${answer.status}`);
    return performance.now() - began;
  } finally {
    await server.stop();
  }
}
