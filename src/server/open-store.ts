import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keystore } from '../keystore/keystore.ts';
import { openLevelRows } from '../keystore/level.ts';
import { isPostgresUrl } from '../keystore/postgres-address.ts';
import { openRowKeystore, openSharedKeystore } from '../keystore/row-keystore.ts';

/** A store with what can be done to its place. */
export interface OpenStore {
  readonly keystore: Keystore;
  /** Its folder, or its database without a password. */
  readonly place: string;
  /** Other processes may have it open as well. */
  readonly shared: boolean;
  /** Octets of the newest writes that were found damaged when it was opened, and are lost. */
  readonly dropped: number;
  /** Gives back the disk space of what was replaced and removed; a database does that by itself. */
  compact(): Promise<void>;
  /** Octets on the disk; undefined where the database does not tell. */
  octets(): Promise<number | undefined>;
}

export interface OpenOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** False: where there is no store `NO_STORE` is thrown. */
  readonly create: boolean;
}

/**
 * Opens the store at an address: a folder, or the URL of a database. Throws `NO_STORE`, `LOCKED`, `UNWRITABLE`,
 * `UNAVAILABLE`, `CORRUPT`, `WRONG_FORMAT` and `BAD_ADDRESS`. Closing the keystore closes it all.
 */
export async function openStore(address: string, options: OpenOptions): Promise<OpenStore> {
  return isPostgresUrl(address) ? openDatabase(address, options) : openFolder(address, options);
}

async function openFolder(folder: string, { now, create }: OpenOptions): Promise<OpenStore> {
  const rows = await openLevelRows(folder, { create });
  try {
    const keystore = await openRowKeystore(rows, folder, now);
    return {
      keystore,
      place: folder,
      shared: false,
      dropped: rows.dropped,
      compact: () => rows.compact(),
      octets: () => octetsOf(folder),
    };
  } catch (error) {
    await rows.close();
    throw error;
  }
}

async function openDatabase(url: string, { now, create }: OpenOptions): Promise<OpenStore> {
  // Who has no database does not load its driver.
  const { openPostgresRows } = await import('../keystore/postgres.ts');
  const rows = await openPostgresRows(url, { create });
  const { place } = rows;
  try {
    const keystore = await openSharedKeystore(rows, place, now);
    return {
      keystore,
      place,
      shared: true,
      dropped: 0,
      compact: async () => {},
      octets: () => rows.octets(),
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
