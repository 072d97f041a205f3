#!/usr/bin/env node
/**
 * `npm run pack:twice`: builds and packs the committed sources twice, in two folders of different names, and holds the
 * packages against each other. Prints the SHA-512 that both have. Exit 1: they differ, so nobody could check a package
 * that is published against its sources.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from './interop/program.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * @param {string} folder
 * @param {string} archive of the sources
 */
async function pack(folder, archive) {
  await mkdir(folder);
  await must('tar', ['-xf', archive, '-C', folder]);
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  await must(process.execPath, [path.join(folder, 'scripts/setup.mjs'), '--rebuild']);
  const { stdout } = await must('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder });
  /** @type {unknown} */
  const said = JSON.parse(stdout);
  const name = /"filename": *"([^"]+)"/.exec(JSON.stringify(said))?.[1];
  if (name === undefined) throw new Error(`npm pack says no name: ${stdout}`);
  return createHash('sha512')
    .update(await readFile(path.join(folder, name)))
    .digest('hex');
}

const base = await mkdtemp(path.join(os.tmpdir(), 'vouch-pack-'));
try {
  const archive = path.join(base, 'sources.tar');
  await must('git', ['-C', ROOT, 'archive', '--format=tar', '-o', archive, 'HEAD']);
  const first = await pack(path.join(base, 'first'), archive);
  const second = await pack(path.join(base, 'the-second-one'), archive);
  console.log(`sha512 ${first}`);
  if (first !== second) {
    console.error(`pack: the second build gives another package: sha512 ${second}`);
    process.exitCode = 1;
  }
} finally {
  await rm(base, { recursive: true, force: true });
}
