/* Writes whose connection breaks at the COMMIT: what became of them is not known to whoever asked. */
import { describe, expect, it } from 'vitest';

import { checkSharedKeystore } from '../../src/keystore/check.ts';
import { openPostgresKeystore, openPostgresRows } from '../../src/keystore/postgres.ts';
import { faultsContract, termsOf } from './contract-faults.ts';
import type { FaultyStore } from './contract-faults.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import type { Cut } from './cutting-proxy.ts';
import { postgresMissing, usePostgres } from './postgres-database.ts';
import { Clock, fingerprint, put, record, text } from './sample.ts';

const CUTS: readonly Cut[] = ['before the commit', 'with the commit on its way', 'after the commit'];

describe.skipIf(postgresMissing)('a store in PostgreSQL (apt-get install postgresql)', () => {
  const postgres = usePostgres();

  async function open(now: () => number): Promise<FaultyStore<Cut>> {
    const database = await postgres.database();
    const proxy = await cuttingProxy(database.url);
    const store = await openPostgresKeystore(proxy.url, { now });
    return {
      store: () => store,
      fail: async (cut, write) => {
        proxy.arm(cut);
        const [written] = await Promise.allSettled([write(store)]);
        // What has nothing to write commits nothing, and is not cut.
        const idle = { status: 'fulfilled' };
        const failed = { status: 'rejected', reason: { code: 'UNAVAILABLE' } };
        expect(written).toMatchObject(proxy.disarm() ? failed : idle);
      },
      findings: async () => {
        const rows = await openPostgresRows(database.url, { create: false });
        const { findings } = await checkSharedKeystore(rows, rows.place, { now, terms: termsOf });
        await rows.close();
        return findings;
      },
      remove: async () => {
        await store.close();
        await proxy.close();
        await database.remove();
      },
    };
  }

  describe('whose connection breaks at the COMMIT, and whose writes are repeated', () => {
    faultsContract(CUTS, open, { numRuns: 25 });
  });

  it.each([
    ['before the commit', undefined],
    ['after the commit', 'one'],
  ] as const)('whose connection breaks %s holds %s, and is ready for the next write', async (cut, held) => {
    const faulty = await open(new Clock().now);
    const store = faulty.store();
    await faulty.fail(cut, () => put(store, record(fingerprint(1), 'one')));
    expect(text(await store.bytes(fingerprint(1)))).toBe(held);
    await store.ready();
    await put(store, record(fingerprint(2), 'two'));
    expect((await store.status()).sequence).toBe(held === undefined ? 1 : 2);
    await faulty.remove();
  });
});
