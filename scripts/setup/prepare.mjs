import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { install, isInstalled } from './install.mjs';
import { lock } from './lock.mjs';
import { SetupError } from './setup-error.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Brings node_modules, build and dist up to date with the checkout.
 *
 * @param {string} root the checkout
 * @param {{ rebuild: boolean, say: (line: string) => void }} options `rebuild`: build even when up to date
 */
export async function prepare(root, { rebuild, say }) {
  if (!rebuild && isInstalled(root) && isBuilt(root)) return;
  const unlock = lock(root, say);
  try {
    // Looked at again: another setup may have done it while this one waited.
    if (!isInstalled(root)) {
      say('installing dependencies (npm ci)');
      install(root);
    }
    if (rebuild || !isBuilt(root)) {
      say('building dist (tsc, rolldown)');
      await build(root);
    }
  } finally {
    unlock();
  }
}

/**
 * @param {readonly string[]} args `--rebuild` or nothing
 * @returns {Promise<number>} the exit code
 */
export async function run(args) {
  const unknown = args.find((arg) => arg !== '--rebuild');
  if (unknown !== undefined) {
    tell(`unknown argument ${unknown}; the only one is --rebuild`);
    return 64;
  }
  try {
    await prepare(ROOT, { rebuild: args.includes('--rebuild'), say: tell });
    return 0;
  } catch (error) {
    tell(error instanceof SetupError ? error.message : String(error));
    return 1;
  }
}

/** @param {string} line */
function tell(line) {
  process.stderr.write(`setup: ${line}\n`);
}
