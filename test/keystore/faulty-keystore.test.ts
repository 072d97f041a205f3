import { describe, expect } from 'vitest';

import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { FAULTS, faultsContract } from './contract-faults.ts';
import type { FaultyStore, Fault } from './contract-faults.ts';
import { FaultyKeystore } from './faulty-keystore.ts';

async function open(now: () => number): Promise<FaultyStore<Fault>> {
  const store = new FaultyKeystore(new MemoryKeystore({ now }));
  return {
    store: () => store,
    fail: async (fault, write) => {
      store.faults.push(fault);
      await expect(write(store)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    },
    findings: async () => [],
    remove: () => store.close(),
  };
}

describe('a store in memory whose writes fail and are repeated', () => {
  faultsContract(FAULTS, open);
});
