import { fileURLToPath } from 'node:url';
import { findProgram, must } from '../interop/program.mjs';

const LUA = fileURLToPath(new URL('random-paths.lua', import.meta.url));
const NODE_LOAD = fileURLToPath(new URL('node-load.mjs', import.meta.url));

/**
 * @typedef {{ requests: number, microseconds: number, p50: number, p99: number, failed: number }} LoadResult
 *   Latencies in microseconds.
 * @typedef {(load: { url: string, paths: string, connections: number, seconds: number, close?: boolean | undefined }) => Promise<LoadResult>} LoadGenerator
 *   `close`: each request has a connection of its own; not with our own client.
 */

/**
 * wrk, or a client of our own with a note. `prefix` is a command that runs it, such as taskset.
 *
 * @param {readonly string[]} prefix
 * @returns {Promise<{ name: string, generate: LoadGenerator }>}
 */
export async function findLoadGenerator(prefix) {
  const wrk = await findProgram('wrk');
  if (wrk === undefined) {
    console.error(
      'wrk is not installed (apt-get install wrk): a node client is used, and every figure is lower',
    );
  }
  return {
    name: wrk === undefined ? 'node' : 'wrk',
    async generate({ url, paths, connections, seconds, close = false }) {
      const command =
        wrk === undefined
          ? [process.execPath, NODE_LOAD, url, paths, String(connections), String(seconds)]
          : [
              wrk,
              '-t1',
              `-c${connections}`,
              `-d${seconds}s`,
              '-s',
              LUA,
              ...(close ? ['-H', 'Connection: close'] : []),
              url,
            ];
      const [program = '', ...args] = [...prefix, ...command];
      const { stdout } = await must(program, args, { env: { ...process.env, PATHS: paths } });
      const line = /^RESULT (.*)$/m.exec(stdout)?.[1] ?? '';
      /** @type {LoadResult} */
      const result = JSON.parse(line);
      if (result.failed > 0)
        throw new Error(`${result.failed} of ${result.requests} requests to ${url} failed`);
      return result;
    },
  };
}
