/* A store in a PostgreSQL database, or in one that speaks as PostgreSQL does; several processes may share it. */
import { setTimeout as delay } from 'node:timers/promises';

import { Pool } from 'pg';
import type { ClientBase, PoolConfig } from 'pg';

import { KeystoreError } from './error.ts';
import type { Keystore } from './keystore.ts';
import {
  ANSWER_TIMEOUT,
  CONNECT_TIMEOUT,
  IDLE_CONNECTION_TIMEOUT,
  IDLE_TRANSACTION_TIMEOUT,
  MAX_CONNECTIONS,
  MAX_RETRY_PAUSE,
  STATEMENT_TIMEOUT,
} from './limits.ts';
import { postgresAddress } from './postgres-address.ts';
import { openFailure, sqlState } from './postgres-failure.ts';
import { PostgresRows } from './postgres-rows.ts';
import { CREATE_TABLE, FIND_TABLE } from './postgres-sql.ts';
import { openSharedKeystore } from './row-keystore.ts';

export interface PostgresKeystoreOptions {
  /** Milliseconds since 1970; the times of the change log. */
  readonly now: () => number;
}

/**
 * Opens the keystore in a database, and begins it when there is none. Throws `BAD_ADDRESS`, `UNAVAILABLE`,
 * `UNWRITABLE`, `CORRUPT` and `WRONG_FORMAT`; the messages name the database, never its password.
 */
export async function openPostgresKeystore(url: string, options: PostgresKeystoreOptions): Promise<Keystore> {
  const rows = await openPostgresRows(url, { create: true });
  try {
    return await openSharedKeystore(rows, rows.place, options.now);
  } catch (error) {
    await rows.close();
    throw error;
  }
}

/** The rows in a database. Without `create` a database that holds none throws `NO_STORE`. */
export async function openPostgresRows(
  url: string,
  options: { readonly create: boolean },
): Promise<PostgresRows> {
  const { place } = postgresAddress(url);
  let pool: Pool | undefined;
  try {
    pool = poolOf(url);
    if (!(await hasTable(pool))) {
      if (!options.create) throw new KeystoreError('NO_STORE', `There is no keystore in ${place}.`);
      await createTable(pool);
    }
  } catch (error) {
    await pool?.end();
    throw openFailure(place, error);
  }
  return new PostgresRows(pool, place);
}

/** What the driver's types do not tell of it yet; its pool waits for `onConnect`. */
interface DriverOptions extends Omit<PoolConfig, 'onConnect'> {
  readonly pipeline: boolean;
  readonly onConnect: (client: ClientBase) => Promise<void>;
}

function poolOf(url: string): Pool {
  const options: DriverOptions = {
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    idleTimeoutMillis: IDLE_CONNECTION_TIMEOUT,
    query_timeout: ANSWER_TIMEOUT,
    keepAlive: true,
    application_name: 'vouch',
    // Statements of a transaction are sent without waiting for the answer to the one before.
    pipeline: true,
    onConnect: prepare,
  };
  const pool = new Pool(options);
  // Whoever uses a connection hears that it broke from what was asked; one that lies idle is nobody's.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** As statements, not as parameters of the connection, which a pooler in between need not know. */
async function prepare(client: ClientBase): Promise<void> {
  await client.query(
    `SET statement_timeout = ${STATEMENT_TIMEOUT}; ` +
      `SET idle_in_transaction_session_timeout = ${IDLE_TRANSACTION_TIMEOUT}`,
  );
}

async function hasTable(pool: Pool): Promise<boolean> {
  try {
    await pool.query(FIND_TABLE);
    return true;
  } catch (error) {
    if (sqlState(error) === '42P01') return false;
    throw error;
  }
}

/** Two processes may come at once: whoever is late fails, and finds what the other has made. */
async function createTable(pool: Pool): Promise<void> {
  try {
    await pool.query(CREATE_TABLE);
  } catch (error) {
    await delay(MAX_RETRY_PAUSE);
    if (!(await hasTable(pool))) throw error;
  }
}
