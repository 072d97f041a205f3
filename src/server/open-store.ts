import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keystore } from '../keystore/keystore.ts';
import { openLevelRows } from '../keystore/level.ts';
import { openRowKeystore } from '../keystore/row-keystore.ts';

/** A store with what can be done to its place on the disk. */
export interface OpenStore {
  readonly keystore: Keystore;
  readonly folder: string;
  /** Octets of the newest writes that were found damaged when it was opened, and are lost. */
  readonly dropped: number;
  /** Gives back the disk space of what was replaced and removed. */
  compact(): Promise<void>;
  /** Octets of all its files. */
  octets(): Promise<number>;
}

/**
 * Opens the store in a folder; without `create` a folder that holds none throws `NO_STORE`. Throws `LOCKED`,
 * `UNWRITABLE`, `CORRUPT` and `WRONG_FORMAT`. Closing the keystore closes it all. `now` gives milliseconds.
 */
export async function openStore(
  folder: string,
  options: { readonly now: () => number; readonly create: boolean },
): Promise<OpenStore> {
  const rows = await openLevelRows(folder, { create: options.create });
  try {
    const keystore = await openRowKeystore(rows, folder, options.now);
    return {
      keystore,
      folder,
      dropped: rows.dropped,
      compact: () => rows.compact(),
      octets: () => octetsOf(folder),
    };
  } catch (error) {
    await rows.close();
    throw error;
  }
}

/** LevelDB makes and removes files at any time. */
async function octetsOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
