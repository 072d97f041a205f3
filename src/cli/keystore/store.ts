import type { ServerConfig } from '../../config/server-config.ts';
import { readServerConfig } from '../../config/read-server-config.ts';
import { KeystoreError } from '../../keystore/error.ts';
import type { Keystore } from '../../keystore/keystore.ts';
import { isPostgresUrl, postgresAddress } from '../../keystore/postgres-address.ts';
import { storeAddress } from '../../server/keystore-parts.ts';
import { openStore, type OpenStore } from '../../server/open-store.ts';
import type { StoreArguments } from '../options.ts';

/** The store that a command's flags, the environment or the settings file name. */
export interface NamedStore {
  readonly config: ServerConfig;
  /** A folder, or the URL of a database. */
  readonly address: string;
  /** The same for people: without a password. */
  readonly place: string;
}

/** Throws `ConfigError` and `BAD_ADDRESS`. */
export async function namedStore({
  data,
  store,
  config: file,
}: Omit<StoreArguments, 'json'>): Promise<NamedStore> {
  const config = await readServerConfig({ flags: { data, store, config: file }, environment: process.env });
  const address = storeAddress(config);
  return { config, address, place: isPostgresUrl(address) ? postgresAddress(address).place : address };
}

/** Runs `use` on the store at an address, made when it is missing, and closes it. Throws `KeystoreError`. */
export async function onMadeStore<T>(address: string, use: (store: OpenStore) => Promise<T>): Promise<T> {
  return onStore(address, true, use);
}

/** As `onMadeStore`, for commands that only read: throws `NO_STORE` when there is none. */
export async function onHeldKeystore<T>(
  address: string,
  use: (keystore: Keystore) => Promise<T>,
): Promise<T> {
  return onStore(address, false, ({ keystore }) => use(keystore));
}

async function onStore<T>(
  address: string,
  create: boolean,
  use: (store: OpenStore) => Promise<T>,
): Promise<T> {
  const store = await unlocked(address, () => openStore(address, { now: Date.now, create }));
  try {
    return await use(store);
  } finally {
    await store.keystore.close();
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
