import { randomUUID } from 'node:crypto';

import { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';

import { findPostgres, inSchema, startPostgres } from '../../scripts/postgres/postgres-server.mjs';
import type { PostgresServer } from '../../scripts/postgres/postgres-server.mjs';

export const programs: string | undefined = await findPostgres();

/** Whether tests that need PostgreSQL are left out: where it is not installed, and never in CI. */
export const postgresMissing: boolean = programs === undefined && process.env['CI'] === undefined;

/** A place for one store, empty at first. */
export interface TestDatabase {
  readonly url: string;
  /** Asks the database past the store. */
  query(text: string): Promise<readonly Record<string, unknown>[]>;
  remove(): Promise<void>;
}

export interface TestPostgres {
  /** Only within tests and hooks. */
  readonly server: PostgresServer;
  database(): Promise<TestDatabase>;
}

/** A PostgreSQL server for the tests of a file, or of a part of it. */
export function usePostgres(): TestPostgres {
  let server: PostgresServer | undefined;
  const current = (): PostgresServer => {
    if (server === undefined) throw new Error('PostgreSQL does not run: apt-get install postgresql');
    return server;
  };

  beforeAll(async () => {
    if (programs !== undefined) server = await startPostgres(programs);
  });

  afterAll(async () => {
    await server?.remove();
  });

  return {
    get server() {
      return current();
    },
    database: () => madeDatabase(current().url),
  };
}

/** A schema of its own: that is made faster than a database. */
async function madeDatabase(url: string): Promise<TestDatabase> {
  const schema = `s${randomUUID().replaceAll('-', '')}`;
  const pool = new Pool({ connectionString: inSchema(url, schema), max: 1 });
  pool.on('error', () => undefined);
  await pool.query(`CREATE SCHEMA ${schema}`);
  return {
    url: inSchema(url, schema),
    query: async (text) => (await pool.query<Record<string, unknown>>(text)).rows,
    remove: async () => {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}
