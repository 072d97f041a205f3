import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** Where the compiler puts its modules. The scripts of this repository use them one by one. */
const MODULES = 'build';

/** Where the program is, which is what people run. */
const PROGRAM = 'dist';

/** Tells the digest of everything the build was made from, and what it made. Removed before a build, written after it. */
const STAMP = join(PROGRAM, '.built');

/**
 * Whether dist was built from just these sources. Content decides, not times: a git checkout sets those.
 *
 * @param {string} root the checkout
 * @returns {boolean}
 */
export function isBuilt(root) {
  const stamp = join(root, STAMP);
  if (!existsSync(stamp)) return false;
  const [digest, ...files] = readFileSync(stamp, 'utf8').split('\n');
  return digest === sourceDigest(root) && files.every((file) => existsSync(join(root, file)));
}

/** @param {string} root the checkout */
export async function build(root) {
  rmSync(join(root, STAMP), { force: true });
  // Taken before the compiler reads: a source saved meanwhile makes the next setup build again.
  const digest = sourceDigest(root);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', root, '--noEmitOnError'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new SetupError('the build failed (tsc), its messages are above');
  const modules = sources(root).flatMap((file) => ['.js', '.d.ts'].map((end) => file.replace(/\.ts$/, end)));
  removeOrphans(join(root, MODULES), modules);
  // Imported late: the bundler may just have been installed.
  const { bundle } = await import('./bundle.mjs');
  const program = await bundle(root, join(root, MODULES), join(root, PROGRAM));
  removeOrphans(join(root, PROGRAM), program);
  const made = [...modules.map((file) => join(MODULES, file)), ...program.map((file) => join(PROGRAM, file))];
  writeFileSync(join(root, STAMP), [digest, ...made].join('\n'));
}

/**
 * @param {string} root the checkout
 * @returns {string}
 */
function sourceDigest(root) {
  const hash = createHash('sha256');
  // The lock file stands for the versions of compiler and bundler, and for the packages that stay outside.
  const how = [
    'tsconfig.json',
    'package-lock.json',
    ...['build', 'bundle'].map((name) => `scripts/setup/${name}.mjs`),
  ];
  const files = [...how, ...sources(root).map((source) => join('src', source))];
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
 * @param {string} folder
 * @param {readonly string[]} made all that belongs there, relative to it
 */
function removeOrphans(folder, made) {
  const kept = new Set(made);
  for (const file of filesBelow(folder)) {
    if (!kept.has(relative(folder, file))) rmSync(file);
  }
  removeEmptyFolders(folder);
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
