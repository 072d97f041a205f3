import { fileURLToPath } from 'node:url';
import { prepare } from '../scripts/setup/prepare.mjs';

/**
 * Before the tests: those of the command line run the built program. `npm test` has built it already; this is
 * for vitest started by hand. A source that does not compile must not keep the tests of other rooms from running.
 */
export default async function buildDist(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`setup: ${line}\n`);
  try {
    await prepare(fileURLToPath(new URL('..', import.meta.url)), { rebuild: false, say });
  } catch (error) {
    say(`${String(error)}; tests of the command line run what was built before`);
  }
}
