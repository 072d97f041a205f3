import { setTimeout as delay } from 'node:timers/promises';

import { KeystoreError } from './error.ts';
import { MAX_CONFLICT_TRIES, MAX_LOST_TRIES, MAX_RETRY_PAUSE } from './limits.ts';
import { failureKind, postgresFailure } from './postgres-failure.ts';
import type { StoredRow } from './postgres-reader.ts';

/** What is needed of the driver's connection. What it throws are the driver's errors. */
export interface Connection {
  query(statement: string | NamedQuery): Promise<{ readonly rows: readonly StoredRow[] }>;
  /** Gives it back; a broken one is closed. */
  release(broken: boolean): void;
}

export interface NamedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

export interface ConnectionPool {
  connect(): Promise<Connection>;
  /** Waits for those that are in use. */
  end(): Promise<void>;
}

/** What an error of the database is when the database refuses. */
export type Doing = 'READ_FAILED' | 'WRITE_FAILED';

/** Done with a connection; whoever calls `keep` gives it back himself. */
export type Work<T> = (connection: Connection, keep: () => void) => Promise<T>;

/** Lends the connections of a pool. Everything throws `KeystoreError`, after `close` `CLOSED`. */
export class Connections {
  readonly #pool: ConnectionPool;
  #closed = false;

  constructor(pool: ConnectionPool) {
    this.#pool = pool;
  }

  async using<T>(doing: Doing, work: Work<T>): Promise<T> {
    try {
      return await this.#once(work);
    } catch (error) {
      throw postgresFailure(error, doing);
    }
  }

  /** Tries anew what the database undid or what a broken connection prevented, a few times. */
  async retrying<T>(doing: Doing, work: Work<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (tries >= mostTries(error)) throw postgresFailure(error, doing);
      }
      await pause(tries);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.end();
  }

  /** A connection on which something failed is closed: with it ends whatever it had begun. */
  async #once<T>(work: Work<T>): Promise<T> {
    if (this.#closed) throw new KeystoreError('CLOSED', 'The keystore is closed.');
    const connection = await this.#pool.connect();
    let kept = false;
    try {
      const done = await work(connection, () => (kept = true));
      if (!kept) connection.release(false);
      return done;
    } catch (error) {
      connection.release(true);
      throw error;
    }
  }
}

function mostTries(error: unknown): number {
  if (error instanceof KeystoreError) return 1;
  const kind = failureKind(error);
  if (kind === 'conflict') return MAX_CONFLICT_TRIES;
  return kind === 'lost' ? MAX_LOST_TRIES : 1;
}

/** The more often it was tried, the longer; by chance, so that two do not go on meeting. */
async function pause(tries: number): Promise<void> {
  await delay(Math.random() * Math.min(2 ** (tries + 2), MAX_RETRY_PAUSE));
}
