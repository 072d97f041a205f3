/*
 * How far a load has come, in a small file in the data folder, so that one that was interrupted goes on
 * where it was. Everything before the place noted is durable in the store; what is after it may be too, and
 * is loaded again, which changes nothing.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { DumpFile } from './dump-file.ts';
import type { LoadCounts } from './load-counts.ts';

/** Raise it when the meaning of the file changes: an older one is then ignored. */
const FORMAT = 2;

/** A place in a list of files: which one, and the `end` of a piece in it. */
export interface LoadPlace {
  readonly file: number;
  readonly offset: number;
}

export interface LoadState {
  readonly format: typeof FORMAT;
  /** The load this is about; a file that has changed since makes it another one. */
  readonly files: readonly DumpFile[];
  readonly place: LoadPlace;
  readonly counts: LoadCounts;
  /** Where revocations before the place begin that are looked at again at the end. */
  readonly late: readonly LoadPlace[];
  /** Octets of the file of refusals that belong to what is before the place. */
  readonly refusedOctets: number;
}

export interface LoadStateFile {
  /** What an interrupted load of the same files noted. */
  read(): Promise<LoadState | undefined>;
  write(state: Omit<LoadState, 'format' | 'files'>): Promise<void>;
  remove(): Promise<void>;
}

export function loadStateFile(path: string, files: readonly DumpFile[]): LoadStateFile {
  return {
    read: async () => {
      const state = await readState(path);
      return state !== undefined && isDeepStrictEqual(state.files, files) ? state : undefined;
    },
    write: async (state) => {
      const whole: LoadState = { format: FORMAT, files, ...state };
      // A reader never meets half a file.
      await writeFile(`${path}.new`, JSON.stringify(whole), { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
    remove: () => rm(path, { force: true }),
  };
}

async function readState(path: string): Promise<LoadState | undefined> {
  try {
    const state: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isLoadState(state) ? state : undefined;
  } catch {
    // None, or one that a power failure left empty: the load begins anew.
    return undefined;
  }
}

/** Nobody but `write` makes these files: the format tells all. */
function isLoadState(state: unknown): state is LoadState {
  return typeof state === 'object' && state !== null && 'format' in state && state.format === FORMAT;
}
