import { randomUUID } from 'node:crypto';

import { inject, onTestFinished } from 'vitest';

import { inSchema } from '../../scripts/postgres/postgres-server.mjs';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The database of the run, for tests that run on one. */
    readonly database?: string;
  }
}

/** A store for a test of what is built on one: in memory, or in the database that the run was given. */
export async function emptyStore(now: () => number): Promise<Keystore> {
  const url = inject('database');
  if (url === undefined) return new MemoryKeystore({ now });
  const [{ Pool }, { openPostgresKeystore }] = await Promise.all([
    import('pg'),
    import('../../src/keystore/postgres.ts'),
  ]);
  const schema = `s${randomUUID().replaceAll('-', '')}`;
  const pool = new Pool({ connectionString: url, max: 1 });
  await pool.query(`CREATE SCHEMA ${schema}`);
  await pool.end();
  const keystore = await openPostgresKeystore(inSchema(url, schema), { now });
  onTestFinished(() => keystore.close());
  return keystore;
}
