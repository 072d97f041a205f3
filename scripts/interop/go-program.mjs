import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientEnvironment, isExecutable, must } from './program.mjs';

/** Debian's compiler by its whole path: another Go may be first in PATH and have no GOPATH mode. */
const COMPILERS = ['/usr/lib/go-1.19/bin/go', '/usr/lib/go/bin/go'];
const GOPATH = '/usr/share/gocode';

export async function findCompiler() {
  for (const compiler of COMPILERS) if (await isExecutable(compiler)) return compiler;
  return undefined;
}

/**
 * Whether Debian's package of a Go library is installed.
 *
 * @param {string} importPath
 */
export async function hasLibrary(importPath) {
  return stat(path.join(GOPATH, 'src', importPath)).then(
    () => true,
    () => false,
  );
}

/**
 * Builds the program in the folder of this name beside this file; returns its path.
 *
 * @param {string} name
 * @param {string} compiler
 * @param {string} folder where it is put
 */
export async function buildGo(name, compiler, folder) {
  const program = path.join(folder, name);
  const env = clientEnvironment({ GO111MODULE: 'off', GOPATH, GOCACHE: path.join(folder, 'go-cache') });
  const cwd = fileURLToPath(new URL(name, import.meta.url));
  await must(compiler, ['build', '-o', program, 'main.go'], { env, cwd });
  return program;
}
