import { randomUUID } from 'node:crypto';

import { Pool } from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';

import { findPostgres, inSchema, startPostgres } from '../../scripts/postgres/postgres-server.mjs';
import type { PostgresServer } from '../../scripts/postgres/postgres-server.mjs';

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

/**
 * Tests that need PostgreSQL, on one server that runs for as long as they do. Where none is installed they are skipped,
 * and say so; in CI they fail.
 */
export async function describeOnPostgres(
  name: string,
  tests: (postgres: TestPostgres) => void,
): Promise<void> {
  const programs = await findPostgres();
  if (programs === undefined && process.env['CI'] === undefined) {
    describe.skip(`${name} (skipped: apt-get install postgresql)`, () => tests(absent));
    return;
  }
  describe(name, () => {
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

    tests({
      get server() {
        return current();
      },
      database: () => madeDatabase(current().url),
    });
  });
}

const absent: TestPostgres = {
  get server(): PostgresServer {
    throw new Error('PostgreSQL is not installed');
  },
  database: () => Promise.reject(new Error('PostgreSQL is not installed')),
};

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
