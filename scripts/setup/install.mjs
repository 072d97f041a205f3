import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup-error.mjs';

/**
 * Whether node_modules holds what package-lock.json names. npm writes `node_modules/.package-lock.json` at
 * the end of an install, so an interrupted one counts as none. Packages for other systems are not installed
 * and are marked optional; packages that someone added by hand are left in peace.
 *
 * @param {string} root the checkout
 * @returns {boolean}
 */
export function isInstalled(root) {
  const wanted = packages(join(root, 'package-lock.json'));
  if (wanted === undefined)
    throw new SetupError('package-lock.json is missing or damaged: restore it with git');
  const held = packages(join(root, 'node_modules', '.package-lock.json'));
  if (held === undefined) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
    if (path === '') return true;
    const found = held[path];
    if (found === undefined) return optional === true || devOptional === true;
    return found.version === version && found.integrity === integrity;
  });
}

/** @param {string} root the checkout */
export function install(root) {
  // Without --include=dev, NODE_ENV=production would leave out the compiler.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const cli = process.env['npm_execpath'];
  // The npm that started us, when one did; its stdout is ours to keep clean for the program that follows.
  const [command, first] =
    cli?.includes('npm-cli') && existsSync(cli) ? [process.execPath, [cli]] : ['npm', []];
  const { status, signal, error } = spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error !== undefined)
    throw new SetupError(`npm cannot be started (${error.message}); install it with Node.js`);
  if (status !== 0) {
    throw new SetupError(
      `npm ci failed (${signal ?? `exit ${status}`}), its messages are above; check the network and "npm config get registry"`,
    );
  }
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 */

/**
 * @param {string} file a package-lock.json
 * @returns {Record<string, LockedPackage> | undefined} by path, `''` is the root; undefined when unreadable
 */
function packages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
