import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CliError } from '../error.ts';

/** A keyring to load, as it was found. */
export interface DumpFile {
  /** Absolute, or `-` for standard input. */
  readonly path: string;
  /** Octets; 0 for standard input. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** What keyrings are called. Dump folders hold checksums and read-me files as well. */
const KEYRING_NAME = /\.(?:pgp|gpg|asc|key)$/i;

/**
 * The keyrings that paths name: files as they are, folders as the keyrings directly in them, by name. Throws
 * `NO_SUCH_FILE`, also for a folder without any.
 */
export async function findDumpFiles(paths: readonly string[]): Promise<DumpFile[]> {
  const files: DumpFile[] = [];
  for (const path of paths) {
    if (path === '-') files.push({ path, size: 0, modified: 0 });
    else files.push(...(await filesAt(path)));
  }
  return files;
}

async function filesAt(path: string): Promise<DumpFile[]> {
  const found = await statOf(path);
  if (!found.isDirectory()) return [{ path: resolve(path), size: found.size, modified: found.mtimeMs }];
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && KEYRING_NAME.test(entry.name))
    .map(({ name }) => name);
  if (names.length === 0) {
    throw new CliError('NO_SUCH_FILE', `the folder ${path} holds no *.pgp, *.gpg, *.asc or *.key file`);
  }
  const files: DumpFile[] = [];
  for (const name of names.toSorted()) files.push(...(await filesAt(join(path, name))));
  return files;
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('NO_SUCH_FILE', `cannot load ${path}: ${reason}`, { cause });
  }
}
