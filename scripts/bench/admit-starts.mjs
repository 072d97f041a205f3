/* P15 and P22: whole processes that ask a warm daemon about a known image. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../interop/daemon-process.mjs';
import { findProgram } from '../interop/program.mjs';
import { untilKnown } from './admit-host.mjs';
import { median } from './figures.mjs';
import { measuredOf } from './measured.mjs';
import { timedRuns } from './timed-run.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const GATE = fileURLToPath(new URL('../../config/doors/vouch-gate', import.meta.url));

/**
 * `vouch admit --quiet` is what starts of images ask with: its exit code is the answer. P22 only where curl is.
 *
 * @param {import('./admit-host.mjs').BenchHost} host
 * @param {{ starts: number }} sizes
 * @returns {Promise<import('./goals.mjs').Measured[]>}
 */
export async function measureStarts({ config, env: environment, folder, image }, { starts }) {
  const daemon = await startDaemon({ config, env: environment });
  try {
    await untilKnown(daemon.socket, image);
    const env = { ...environment, VOUCH_SOCKET: daemon.socket };
    const run = await timedRuns({ scratch: path.join(folder, 'time'), env });
    const hasCurl = (await findProgram('curl')) !== undefined;
    const url = `http://localhost/v1/gate?path=${encodeURIComponent(image)}`;
    const programs = {
      node: [process.execPath, '-e', '0'],
      quiet: [process.execPath, MAIN, 'admit', '--quiet', image],
      told: [process.execPath, MAIN, 'admit', image],
      ...(hasCurl && {
        curl: ['curl', '-s', '-o', '/dev/null', '--unix-socket', daemon.socket, url],
        gate: ['sh', GATE, image],
      }),
    };
    /** @type {Record<string, number[]>} */
    const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
    for (let i = 0; i <= starts; i += 1) {
      for (const [name, words] of Object.entries(programs)) {
        const { milliseconds } = await run(words);
        if (i > 0) times[name]?.push(milliseconds);
      }
    }
    const { node = [], quiet = [], told = [], curl = [], gate = [] } = times;
    const asked = measuredOf(
      'P15',
      { ours: quiet, yardstick: node },
      {
        'vouch admit --quiet ms': median(quiet),
        'node -e 0 ms': median(node),
        'vouch admit ms': median(told),
      },
    );
    if (!hasCurl) return [asked];
    const figures = { 'vouch-gate ms': median(gate), 'curl ms': median(curl) };
    return [asked, measuredOf('P22', { ours: gate, yardstick: curl }, figures)];
  } finally {
    await daemon.kill();
  }
}
