import { describe, expect, it } from 'vitest';

import type { ConnectionPool, NamedQuery } from '../../src/keystore/postgres-connections.ts';
import { PostgresRows } from '../../src/keystore/postgres-rows.ts';

/** A database in which each key's value is the key; it tells how many rows each statement was for. */
function counted(): { asked: number[]; pool: ConnectionPool } {
  const asked: number[] = [];
  const query = async (statement: string | NamedQuery) => {
    const [keys] = (statement as NamedQuery).values as [Buffer[]];
    asked.push(keys.length);
    return { rows: keys.map((key) => ({ key, value: key })) };
  };
  return { asked, pool: { connect: async () => ({ query, release: () => {} }), end: async () => {} } };
}

describe('PostgresRows', () => {
  it('asks for the rows of many lookups with few statements, and gives each its own', async () => {
    const { asked, pool } = counted();
    const rows = new PostgresRows(pool, 'a test');
    const keys = Array.from({ length: 100 }, (_, i) => Buffer.from([1, i]));
    expect(await Promise.all(keys.map((key) => rows.get(key)))).toEqual(keys);
    expect(asked).toEqual([1, 1, 64, 34]);
  });
});
