/* Writes that fail on a real store: before LevelDB has them, or after it has them and before anybody is told. */
import { describe, expect } from 'vitest';

import { checkLevelKeystore } from '../../src/keystore/check.ts';
import { KeystoreError } from '../../src/keystore/error.ts';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { openLevelRows } from '../../src/keystore/level.ts';
import { openRowKeystore } from '../../src/keystore/row-keystore.ts';
import { FAULTS, faultsContract, termsOf } from './contract-faults.ts';
import type { Fault, FaultyStore, Write } from './contract-faults.ts';
import { InstrumentedRows } from './instrumented-rows.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A write that failed closes the store to others, until it is opened again; one that had nothing to write does not. */
async function refusedOrIdle(store: Keystore, write: Write): Promise<void> {
  const [written] = await Promise.allSettled([write(store)]);
  const [ready] = await Promise.allSettled([store.ready()]);
  const failure = { status: 'rejected', reason: { code: 'WRITE_FAILED' } };
  const expected = written.status === 'fulfilled' ? { status: 'fulfilled' } : failure;
  expect([written, ready]).toMatchObject([expected, expected]);
}

async function open(now: () => number): Promise<FaultyStore<Fault>> {
  const { folder, remove } = await temporaryFolder();
  const failing = (): Promise<void> => Promise.reject(new KeystoreError('WRITE_FAILED', 'EIO'));
  const opened = async (): Promise<{ rows: InstrumentedRows; store: Keystore }> => {
    const rows = new InstrumentedRows(await openLevelRows(folder, { create: true }));
    return { rows, store: await openRowKeystore(rows, folder, now) };
  };
  let { rows, store } = await opened();
  return {
    store: () => store,
    fail: async (fault, write) => {
      if (fault === 'fails but persists') rows.afterWrite = failing;
      else rows.beforeWrite = failing;
      await refusedOrIdle(store, write);
      await store.close();
      ({ rows, store } = await opened());
    },
    findings: async () => {
      await store.close();
      return (await checkLevelKeystore(folder, { now, terms: termsOf })).findings;
    },
    remove: async () => {
      await store.close();
      await remove();
    },
  };
}

describe('a store on LevelDB whose writes fail, and are repeated once it is opened again', () => {
  faultsContract(FAULTS, open, { numRuns: 25 });
});
