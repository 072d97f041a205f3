import type { ServerConfig } from '../../config/server-config.ts';
import { loadServerConfig } from '../../config/load-server-config.ts';
import { KeystoreError } from '../../keystore/error.ts';
import type { Keystore } from '../../keystore/keystore.ts';
import { openLevelKeystore, openLevelRows } from '../../keystore/level.ts';
import { openRowKeystore } from '../../keystore/row-keystore.ts';
import type { Rows } from '../../keystore/rows.ts';
import { keystoreFolder } from '../../server/keystore-parts.ts';
import type { StoreArguments } from '../options.ts';

/** The store that a command's flags, the environment or the settings file name. */
export interface NamedStore {
  readonly config: ServerConfig;
  readonly folder: string;
}

export function namedStore({ data, config: file }: StoreArguments): NamedStore {
  const config = loadServerConfig({ flags: { data, config: file }, environment: process.env });
  return { config, folder: keystoreFolder(config) };
}

/** Runs `use` on the store in a folder, made when it is missing, and closes it. Throws `KeystoreError`. */
export async function onKeystore<T>(folder: string, use: (keystore: Keystore) => Promise<T>): Promise<T> {
  const keystore = await unlocked(folder, () => openLevelKeystore(folder, { now: Date.now }));
  try {
    return await use(keystore);
  } finally {
    await keystore.close();
  }
}

/** As `onKeystore`, for commands that only read: throws `NO_STORE` when there is none. */
export async function onHeldKeystore<T>(folder: string, use: (keystore: Keystore) => Promise<T>): Promise<T> {
  return onRows(folder, async (rows) => use(await openRowKeystore(rows, folder, Date.now)));
}

/** Runs `use` on the rows of the store in a folder, and closes them. Throws `KeystoreError`. */
async function onRows<T>(folder: string, use: (rows: Rows) => Promise<T>): Promise<T> {
  const rows = await unlocked(folder, () => openLevelRows(folder, { create: false }));
  try {
    return await use(rows);
  } finally {
    await rows.close();
  }
}

/** Runs `open`. LevelDB lets one process in at a time: `LOCKED` says to stop the server, which it mostly is. */
export async function unlocked<T>(folder: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof KeystoreError) || error.code !== 'LOCKED') throw error;
    const advice = 'stop the server (or the other command), run this again, and start the server afterwards';
    throw new KeystoreError('LOCKED', `the keystore in ${folder} is in use by a running server: ${advice}`, {
      cause: error,
    });
  }
}
