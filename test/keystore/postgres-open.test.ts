import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Keystore } from '../../src/keystore/keystore.ts';
import { openPostgresKeystore, openPostgresRows } from '../../src/keystore/postgres.ts';
import { postgresMissing, usePostgres } from './postgres-database.ts';
import type { TestDatabase } from './postgres-database.ts';
import { Clock, collect, fingerprint, put, record, text, word } from './sample.ts';

const clock = new Clock();
const ONE = fingerprint(1);

describe.skipIf(postgresMissing)('a store in PostgreSQL (apt-get install postgresql)', () => {
  const postgres = usePostgres();
  let database: TestDatabase;
  let store: Keystore;

  beforeEach(async () => {
    database = await postgres.database();
    store = await openPostgresKeystore(database.url, clock);
    await put(store, record(ONE, 'one', [word('a')]));
  });

  afterEach(async () => {
    await store.close();
    await database.remove();
  });

  const asRole = (role: string): string => database.url.replace('user=vouch', `user=${role}`);

  it('says that the database is away, for as long as it is, and works when it is back', async () => {
    const reading = store.records()[Symbol.asyncIterator]();
    await reading.next();
    await postgres.server.stop('immediate');
    const away = { code: 'UNAVAILABLE' };
    await expect(store.bytes(ONE)).rejects.toMatchObject(away);
    await expect(store.find([word('a')], { limit: 1 })).rejects.toMatchObject(away);
    await expect(put(store, record(ONE, 'two'))).rejects.toMatchObject(away);
    await expect(store.ready()).rejects.toMatchObject(away);
    await expect(reading.next()).resolves.toMatchObject({ done: true });
    await expect(openPostgresKeystore(database.url, clock)).rejects.toMatchObject(away);
    await postgres.server.start();
    await store.ready();
    expect(text(await store.bytes(ONE))).toBe('one');
    await put(store, record(ONE, 'two', [word('b')]));
    expect((await collect(store.changes(0))).map(({ sequence }) => sequence)).toEqual([1, 2]);
    await database.remove().catch(() => undefined);
    database = await postgres.database();
  });

  it('is not ready where the database only reads, and answers lookups all the same', async () => {
    const standby = await openPostgresKeystore(
      database.url.replace(
        'options=',
        `options=${encodeURIComponent('-c default_transaction_read_only=on ')}`,
      ),
      clock,
    );
    expect(text(await standby.bytes(ONE))).toBe('one');
    await expect(standby.ready()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(put(standby, record(ONE, 'two'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await standby.close();
  });

  it('needs no more of the database than to read and write its table', async () => {
    const [{ schema = '' } = {}] = await database.query('SELECT current_schema() AS schema');
    await database.query('CREATE ROLE clerk LOGIN');
    await expect(openPostgresKeystore(asRole('clerk'), clock)).rejects.toMatchObject({ code: 'UNWRITABLE' });
    await database.query(`GRANT USAGE ON SCHEMA ${String(schema)} TO clerk`);
    await database.query('GRANT SELECT, INSERT, UPDATE, DELETE ON vouch_row TO clerk');
    const clerk = await openPostgresKeystore(asRole('clerk'), clock);
    await put(clerk, record(ONE, 'two', [word('b')]));
    await clerk.ready();
    expect(text(await store.bytes(ONE))).toBe('two');
    await clerk.close();
    await database.query('DROP OWNED BY clerk; DROP ROLE clerk');
  });

  it('is told of a database and a role that are not there', async () => {
    const elsewhere = database.url.replace('/postgres?', '/nowhere?');
    await expect(openPostgresKeystore(elsewhere, clock)).rejects.toMatchObject({
      code: 'UNWRITABLE',
      message: expect.stringContaining('nowhere') as string,
    });
    await expect(openPostgresKeystore(asRole('nobody'), clock)).rejects.toMatchObject({ code: 'UNWRITABLE' });
  });

  it('is not made where none is wanted', async () => {
    const empty = await postgres.database();
    await expect(openPostgresRows(empty.url, { create: false })).rejects.toMatchObject({ code: 'NO_STORE' });
    expect(
      await empty.query(
        "SELECT 1 FROM pg_tables WHERE tablename = 'vouch_row' AND schemaname = current_schema()",
      ),
    ).toEqual([]);
    await empty.remove();
  });

  it('reads what is long in pieces, each of one moment', async () => {
    for (let n = 0; n < 12; n += 1) await put(store, record(fingerprint(n), `${n}`.repeat(100_000)));
    const seen: string[] = [];
    for await (const { fingerprint: name, bytes } of store.records()) {
      seen.push(name);
      expect(bytes.length).toBeGreaterThan(3);
      if (seen.length === 1) for (let n = 0; n < 24; n += 1) await put(store, record(fingerprint(n), 'new'));
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => fingerprint(n)).toSorted());
  });
});
