import { KeystoreError } from './error.ts';
import { SNAPSHOT_TIMEOUT } from './limits.ts';
import type { Connection } from './postgres-connections.ts';
import { postgresFailure, unavailable } from './postgres-failure.ts';
import { PostgresReader } from './postgres-reader.ts';
import type { StoredRow } from './postgres-reader.ts';
import { COMMIT } from './postgres-sql.ts';
import type { Statement } from './postgres-sql.ts';
import { ask } from './postgres-transaction.ts';
import type { RowSnapshot } from './rows.ts';

/** A read-only transaction that begins with the first read, on a connection of its own. */
export class PostgresSnapshot extends PostgresReader implements RowSnapshot {
  readonly #begin: () => Promise<Connection>;
  readonly #closed: () => void;
  #connection: Promise<Connection> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended: KeystoreError | undefined;

  /** `begin` gives a connection with the transaction begun; `closed` is told once. */
  constructor(begin: () => Promise<Connection>, closed: () => void) {
    super((statement, values) => this.#read(statement, values));
    this.#begin = begin;
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
    const connection = await (this.#connection ??= this.#connect());
    try {
      return await ask(connection, statement, values);
    } catch (error) {
      throw this.#ended ?? postgresFailure(error, 'READ_FAILED');
    }
  }

  async #connect(): Promise<Connection> {
    const connection = await this.#begin();
    const late = unavailable('a long read took too long');
    this.#timer = setTimeout(() => void this.#end(late, true), SNAPSHOT_TIMEOUT).unref();
    return connection;
  }

  async #end(reason: KeystoreError, broken: boolean): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    const connection = await this.#connection?.catch(() => undefined);
    clearTimeout(this.#timer);
    if (connection !== undefined) connection.release(broken || !(await committed(connection)));
    this.#closed();
  }
}

async function committed(connection: Connection): Promise<boolean> {
  return connection.query(COMMIT).then(
    () => true,
    () => false,
  );
}
