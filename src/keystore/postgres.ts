/* A store in a PostgreSQL database, or in one that speaks as PostgreSQL does; several processes may share it. */
import { setTimeout as delay } from 'node:timers/promises';

import { Pool } from 'pg';
import type { ClientBase, PoolClient, PoolConfig } from 'pg';

import { KeystoreError } from './error.ts';
import type { Keystore } from './keystore.ts';
import {
  ANSWER_TIMEOUT,
  CONNECT_TIMEOUT,
  IDLE_CONNECTION_TIMEOUT,
  IDLE_SNAPSHOT_TIMEOUT,
  IDLE_TRANSACTION_TIMEOUT,
  MAX_CONFLICT_TRIES,
  MAX_CONNECTIONS,
  MAX_LOST_TRIES,
  MAX_RETRY_PAUSE,
  MAX_SNAPSHOTS,
  SNAPSHOT_TIMEOUT,
  STATEMENT_TIMEOUT,
} from './limits.ts';
import { postgresAddress } from './postgres-address.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { failureKind, openFailure, postgresFailure, sqlState, unavailable } from './postgres-failure.ts';
import { storedKey, storedRow } from './postgres-key.ts';
import { inOrderOf, PostgresReader } from './postgres-reader.ts';
import type { Ask, StoredRow } from './postgres-reader.ts';
import {
  ADD,
  BEGIN,
  BEGIN_SNAPSHOT,
  BEGINNINGS,
  COMMIT,
  CREATE_TABLE,
  DELETE,
  FIND_TABLE,
  LOCK,
  PUT,
  READ_ONLY,
  TABLE_OCTETS,
} from './postgres-sql.ts';
import type { Statement } from './postgres-sql.ts';
import { NUMBER } from './row-layout.ts';
import { openSharedKeystore } from './row-keystore.ts';
import type { Row, RowSnapshot, RowWrite, SharedRows, WorkingRows } from './rows.ts';
import { Slots } from './slots.ts';

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
  const address = postgresAddress(url);
  const pool = poolOf(address);
  try {
    await findTable(pool, address, options.create);
  } catch (error) {
    await pool.end();
    throw openFailure(address.place, error);
  }
  return new PostgresRows(pool, address.place);
}

function poolOf({ url, place }: PostgresAddress): Pool {
  const options: PoolConfig & { readonly pipeline: boolean } = {
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
  let pool: Pool;
  try {
    pool = new Pool(options);
  } catch (error) {
    // A certificate that is named in the address and cannot be read.
    throw openFailure(place, error);
  }
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

/** Two processes may come at once; whoever is late finds what the other made. */
async function findTable(pool: Pool, { place }: PostgresAddress, create: boolean): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await pool.query(FIND_TABLE);
      return;
    } catch (error) {
      const missing = sqlState(error) === '42P01';
      if (missing && !create) {
        throw new KeystoreError('NO_STORE', `There is no keystore in ${place}.`, { cause: error });
      }
      if (!missing || tries > 1) throw error;
    }
    await pool.query(CREATE_TABLE).catch(async (error: unknown) => {
      if (sqlState(error) === '42501') throw error;
      await pause(tries);
    });
  }
}

/** Rows in the table `vouch_row`. */
export class PostgresRows extends PostgresReader implements SharedRows {
  readonly #pool: Pool;
  /** The database, without its password. */
  readonly place: string;
  readonly #snapshots = new Slots(MAX_SNAPSHOTS, CONNECT_TIMEOUT);
  readonly #open = new Set<PostgresSnapshot>();
  #closing: Promise<void> | undefined;

  constructor(pool: Pool, place: string) {
    super((statement, values) => this.#retried('READ_FAILED', (client) => ask(client, statement, values)));
    this.#pool = pool;
    this.place = place;
  }

  snapshot(): RowSnapshot {
    const snapshot: PostgresSnapshot = new PostgresSnapshot(
      () => this.#connectSnapshot(),
      () => this.#open.delete(snapshot),
    );
    this.#open.add(snapshot);
    return snapshot;
  }

  async exchange(
    lock: Buffer,
    keys: readonly Buffer[],
    decide: (locked: Buffer | undefined, beginnings: readonly (Buffer | undefined)[]) => readonly RowWrite[],
  ): Promise<void> {
    const stored = keys.map(storedKey);
    await this.#retried('WRITE_FAILED', async (client) => {
      const [, [locked], rows] = await together([
        client.query(BEGIN),
        ask(client, LOCK, [storedKey(lock)]),
        ask(client, BEGINNINGS, [stored, NUMBER]),
      ]);
      const beginnings = inOrderOf(stored, rows).map((row) => row?.value ?? undefined);
      await finish(client, decide(locked?.value ?? undefined, beginnings));
    });
  }

  async write(batch: readonly RowWrite[]): Promise<void> {
    await this.#retried('WRITE_FAILED', async (client) => {
      await client.query(BEGIN);
      await finish(client, batch);
    });
  }

  async add(rows: readonly Row[]): Promise<void> {
    await this.#retried('WRITE_FAILED', (client) => ask(client, ADD, columns(rows)));
  }

  async alone<T>(lock: Buffer, use: (rows: WorkingRows) => Promise<T>): Promise<T> {
    return this.#using('WRITE_FAILED', async (client) => {
      await together([client.query(BEGIN), patient(client), ask(client, LOCK, [storedKey(lock)])]);
      const found = await use(new LockedRows(client));
      await client.query(COMMIT);
      return found;
    });
  }

  async assertWritable(): Promise<void> {
    const readOnly = await this.#retried('READ_FAILED', async (client) => {
      const { rows } = await client.query<{ setting: string }>(READ_ONLY);
      return rows[0]?.setting === 'on';
    });
    if (readOnly) throw unavailable('it only reads');
  }

  /** Octets of the store on the database's disk; undefined where the database does not tell. */
  async octets(): Promise<number | undefined> {
    try {
      return await this.#using('READ_FAILED', async (client) => {
        const { rows } = await client.query<{ octets: string }>(TABLE_OCTETS);
        return Number(rows[0]?.octets);
      });
    } catch (error) {
      if (error instanceof KeystoreError && error.code === 'READ_FAILED') return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const snapshot of this.#open) snapshot.abandon();
    await this.#pool.end();
  }

  async #connectSnapshot(): Promise<Lease> {
    this.#assertOpen();
    if (!(await this.#snapshots.enter())) throw unavailable('too many long reads');
    try {
      // What the connection pool hands out may be dead already.
      return await this.#retried('READ_FAILED', async (client, keep) => {
        await together([client.query(BEGIN_SNAPSHOT), patient(client)]);
        keep();
        return {
          client,
          release: (broken: boolean) => {
            client.release(broken);
            this.#snapshots.leave();
          },
        };
      });
    } catch (error) {
      this.#snapshots.leave();
      throw error;
    }
  }

  /** Tries anew what the database undid or what a broken connection prevented, a few times. */
  async #retried<T>(doing: Doing, work: Work<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (tries >= mostTries(error)) throw postgresFailure(error, doing);
      }
      await pause(tries);
    }
  }

  async #using<T>(doing: Doing, work: Work<T>): Promise<T> {
    try {
      return await this.#once(work);
    } catch (error) {
      throw postgresFailure(error, doing);
    }
  }

  /** A connection on which something failed is closed: with it ends whatever it had begun. */
  async #once<T>(work: Work<T>): Promise<T> {
    this.#assertOpen();
    const client = await this.#pool.connect();
    let kept = false;
    try {
      const done = await work(client, () => (kept = true));
      if (!kept) client.release();
      return done;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new KeystoreError('CLOSED', 'The keystore is closed.');
  }
}

type Doing = 'READ_FAILED' | 'WRITE_FAILED';

/** Done with a connection; whoever calls `keep` gives it back himself. */
type Work<T> = (client: PoolClient, keep: () => void) => Promise<T>;

/** A connection that somebody keeps for a while. */
interface Lease {
  readonly client: PoolClient;
  release(broken: boolean): void;
}

/** A read-only transaction that begins with the first read. */
class PostgresSnapshot extends PostgresReader implements RowSnapshot {
  readonly #connect: () => Promise<Lease>;
  readonly #closed: () => void;
  #lease: Promise<Lease> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended: KeystoreError | undefined;

  constructor(connect: () => Promise<Lease>, closed: () => void) {
    super((statement, values) => this.#read(statement, values));
    this.#connect = connect;
    this.#closed = closed;
  }

  async close(): Promise<void> {
    await this.#end(new KeystoreError('CLOSED', 'The snapshot is closed.'), false);
  }

  /** The keystore is closed while somebody reads. */
  abandon(): void {
    void this.#end(new KeystoreError('CLOSED', 'The keystore is closed.'), true);
  }

  async #read(statement: Statement, values: readonly unknown[]): Promise<readonly StoredRow[]> {
    if (this.#ended !== undefined) throw this.#ended;
    const { client } = await (this.#lease ??= this.#begin());
    try {
      return await ask(client, statement, values);
    } catch (error) {
      throw this.#ended ?? postgresFailure(error, 'READ_FAILED');
    }
  }

  async #begin(): Promise<Lease> {
    const lease = await this.#connect();
    const late = unavailable('a long read took too long');
    this.#timer = setTimeout(() => void this.#end(late, true), SNAPSHOT_TIMEOUT).unref();
    return lease;
  }

  async #end(reason: KeystoreError, broken: boolean): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#closed();
    const lease = await this.#lease?.catch(() => undefined);
    clearTimeout(this.#timer);
    if (lease === undefined) return;
    const committed = !broken && (await succeeds(lease.client.query(COMMIT)));
    lease.release(!committed);
  }
}

/** Rows within a transaction that holds everybody else's up. */
class LockedRows extends PostgresReader implements WorkingRows {
  readonly #client: PoolClient;

  constructor(client: PoolClient) {
    super((statement, values) => ask(client, statement, values));
    this.#client = client;
  }

  async write(batch: readonly RowWrite[]): Promise<void> {
    await together(put(this.#client, batch));
  }
}

const ask = async (
  client: ClientBase,
  { name, text }: Statement,
  values: readonly unknown[],
): ReturnType<Ask> => {
  const { rows } = await client.query<StoredRow>({ name, text, values: [...values] });
  return rows;
};

/** Writes and commits. What becomes of a batch whose answer is lost is not known: it is not tried again. */
async function finish(client: ClientBase, batch: readonly RowWrite[]): Promise<void> {
  try {
    await together([...put(client, batch), client.query(COMMIT)]);
  } catch (error) {
    const kind = failureKind(error);
    throw kind === 'lost' || kind === 'late' ? unavailable(error) : error;
  }
}

/** Of several writes of one row the last counts. */
function put(client: ClientBase, batch: readonly RowWrite[]): Promise<unknown>[] {
  const last = new Map(batch.map((write) => [write.key.toString('latin1'), write]));
  const rows: Row[] = [];
  const gone: Buffer[] = [];
  for (const { key, value } of last.values()) {
    if (value === undefined) gone.push(storedKey(key));
    else rows.push(storedRow(key, value));
  }
  return [
    ...(rows.length > 0 ? [ask(client, PUT, columns(rows))] : []),
    ...(gone.length > 0 ? [ask(client, DELETE, [gone])] : []),
  ];
}

function columns(rows: readonly Row[]): [Buffer[], Buffer[]] {
  return [rows.map(([key]) => key), rows.map(([, value]) => value)];
}

/** Lets the transaction that has begun lie idle for longer. */
function patient(client: ClientBase): Promise<unknown> {
  return client.query(`SET LOCAL idle_in_transaction_session_timeout = ${IDLE_SNAPSHOT_TIMEOUT}`);
}

/** What was sent at once; throws what failed first, when all is answered. */
async function together<T extends readonly Promise<unknown>[]>(
  sent: readonly [...T],
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(sent);
  return Promise.all(sent);
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

function mostTries(error: unknown): number {
  if (error instanceof KeystoreError) return 1;
  switch (failureKind(error)) {
    case 'conflict':
      return MAX_CONFLICT_TRIES;
    case 'lost':
      return MAX_LOST_TRIES;
    default:
      return 1;
  }
}

/** The more often it was tried, the longer; by chance, so that two do not go on meeting. */
async function pause(tries: number): Promise<void> {
  await delay(Math.random() * Math.min(2 ** (tries + 2), MAX_RETRY_PAUSE));
}
