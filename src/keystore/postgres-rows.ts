import { KeystoreError } from './error.ts';
import { GatheredReads } from './gathered-reads.ts';
import { CONNECT_TIMEOUT, LOOKUP_READS, MAX_SNAPSHOTS } from './limits.ts';
import { Connections } from './postgres-connections.ts';
import type { Connection, ConnectionPool } from './postgres-connections.ts';
import { unavailable } from './postgres-failure.ts';
import { storedKey } from './postgres-key.ts';
import { inOrderOf, PostgresReader } from './postgres-reader.ts';
import { PostgresSnapshot } from './postgres-snapshot.ts';
import {
  ADD,
  BEGIN,
  BEGIN_SNAPSHOT,
  BEGINNINGS,
  CLEAR,
  COMMIT,
  LOCK,
  READ_ONLY,
  TABLE_OCTETS,
} from './postgres-sql.ts';
import { ask, columns, finish, patient, put, together } from './postgres-transaction.ts';
import { NUMBER } from './row-layout.ts';
import type { Decide, Row, RowSnapshot, RowWrite, SharedRows, WorkingRows } from './rows.ts';
import { Slots } from './slots.ts';

/** Rows in the table `vouch_row` of a database. */
export class PostgresRows extends PostgresReader implements SharedRows {
  /** The database, without its password. */
  readonly place: string;
  readonly #connections: Connections;
  readonly #lookups = new GatheredReads(this, LOOKUP_READS);
  readonly #slots = new Slots(MAX_SNAPSHOTS, CONNECT_TIMEOUT);
  readonly #snapshots = new Set<PostgresSnapshot>();

  constructor(pool: ConnectionPool, place: string) {
    const connections = new Connections(pool);
    super((statement, values) =>
      connections.retrying('READ_FAILED', (connection) => ask(connection, statement, values)),
    );
    this.#connections = connections;
    this.place = place;
  }

  override async get(key: Buffer): Promise<Buffer | undefined> {
    const [value] = await this.#lookups.getMany([key]);
    return value;
  }

  snapshot(): RowSnapshot {
    const snapshot: PostgresSnapshot = new PostgresSnapshot(
      () => this.#beginSnapshot(),
      () => this.#snapshots.delete(snapshot),
    );
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  async exchange(lock: Buffer, keys: readonly Buffer[], decide: Decide): Promise<void> {
    const stored = keys.map(storedKey);
    await this.#connections.retrying('WRITE_FAILED', async (connection) => {
      const [, [locked], rows] = await together([
        connection.query(BEGIN),
        ask(connection, LOCK, [storedKey(lock)]),
        ask(connection, BEGINNINGS, [stored, NUMBER]),
      ]);
      const beginnings = inOrderOf(stored, rows).map((row) => row?.value ?? undefined);
      await finish(connection, decide(locked?.value ?? undefined, beginnings));
    });
  }

  async write(batch: readonly RowWrite[]): Promise<void> {
    await this.#connections.retrying('WRITE_FAILED', async (connection) => {
      await connection.query(BEGIN);
      await finish(connection, batch);
    });
  }

  async add(rows: readonly Row[]): Promise<void> {
    await this.#connections.retrying('WRITE_FAILED', (connection) => ask(connection, ADD, columns(rows)));
  }

  async alone<T>(lock: Buffer, use: (rows: WorkingRows) => Promise<T>): Promise<T> {
    return this.#connections.using('WRITE_FAILED', async (connection) => {
      await together([
        connection.query(BEGIN),
        patient(connection),
        ask(connection, LOCK, [storedKey(lock)]),
      ]);
      const found = await use(new LockedRows(connection));
      await connection.query(COMMIT);
      return found;
    });
  }

  async assertWritable(): Promise<void> {
    const { rows } = await this.#connections.retrying('READ_FAILED', (connection) =>
      connection.query(READ_ONLY),
    );
    if (rows[0]?.value?.toString() === 'on') throw unavailable('it only reads');
  }

  /** Octets of the store on the database's disk; undefined where the database does not tell. */
  async octets(): Promise<number | undefined> {
    try {
      const { rows } = await this.#connections.using('READ_FAILED', (connection) =>
        connection.query(TABLE_OCTETS),
      );
      return Number(rows[0]?.value);
    } catch (error) {
      if (error instanceof KeystoreError && error.code === 'READ_FAILED') return undefined;
      throw error;
    }
  }

  async isEmpty(): Promise<boolean> {
    for await (const _ of this.scanKeys({ limit: 1 }, 1)) return false;
    return true;
  }

  /** Deletes every row. */
  async clear(): Promise<void> {
    await this.#connections.retrying('WRITE_FAILED', (connection) => connection.query(CLEAR));
  }

  async close(): Promise<void> {
    for (const snapshot of this.#snapshots) snapshot.abandon();
    await this.#connections.close();
  }

  async #beginSnapshot(): Promise<Connection> {
    if (!(await this.#slots.enter())) throw unavailable('too many long reads');
    try {
      return await this.#connections.retrying('READ_FAILED', async (connection, keep) => {
        await together([connection.query(BEGIN_SNAPSHOT), patient(connection)]);
        keep();
        return {
          query: (statement) => connection.query(statement),
          release: (broken) => {
            connection.release(broken);
            this.#slots.leave();
          },
        };
      });
    } catch (error) {
      this.#slots.leave();
      throw error;
    }
  }
}

/** Rows within a transaction that holds everybody else's up. */
class LockedRows extends PostgresReader implements WorkingRows {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super((statement, values) => ask(connection, statement, values));
    this.#connection = connection;
  }

  async write(batch: readonly RowWrite[]): Promise<void> {
    await together(put(this.#connection, batch));
  }
}
