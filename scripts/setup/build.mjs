import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** Holds the digest of everything the build was made from. Removed before a build, written after it. */
const STAMP = '.built';

/**
 * Whether dist was built from just these sources. Content decides, not times: a git checkout sets those.
 *
 * @param {string} root the checkout
 * @returns {boolean}
 */
export function isBuilt(root) {
  const stamp = join(root, 'dist', STAMP);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourceDigest(root)) return false;
  return sources(root).every((source) => existsSync(join(root, 'dist', source.replace(/\.ts$/, '.js'))));
}

/** @param {string} root the checkout */
export function build(root) {
  const dist = join(root, 'dist');
  rmSync(join(dist, STAMP), { force: true });
  // Taken before the compiler reads: a source saved meanwhile makes the next setup build again.
  const digest = sourceDigest(root);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', root, '--noEmitOnError'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new SetupError('the build failed (tsc), its messages are above');
  removeOrphans(root);
  const main = join(dist, 'cli', 'main.js');
  if (existsSync(main)) chmodSync(main, 0o755);
  writeFileSync(join(dist, STAMP), digest);
}

/**
 * @param {string} root the checkout
 * @returns {string}
 */
function sourceDigest(root) {
  const hash = createHash('sha256');
  // The lock file stands for the compiler's version.
  const files = ['tsconfig.json', 'package-lock.json', ...sources(root).map((source) => join('src', source))];
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root the checkout
 * @returns {string[]} relative to src, in one order everywhere
 */
function sources(root) {
  const src = join(root, 'src');
  return filesBelow(src)
    .map((file) => relative(src, file))
    .filter((file) => file.endsWith('.ts'))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/**
 * Drops what earlier builds left of sources that are gone, so that nothing old can be imported.
 *
 * @param {string} root the checkout
 */
function removeOrphans(root) {
  const dist = join(root, 'dist');
  const made = new Set(
    sources(root).flatMap((s) => [s.replace(/\.ts$/, '.js'), s.replace(/\.ts$/, '.d.ts')]),
  );
  for (const file of filesBelow(dist)) {
    if (!made.has(relative(dist, file))) rmSync(file);
  }
  removeEmptyFolders(dist);
}

/** @param {string} folder */
function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    removeEmptyFolders(path);
    if (readdirSync(path).length === 0) rmdirSync(path);
  }
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
