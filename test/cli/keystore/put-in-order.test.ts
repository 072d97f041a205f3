import { describe, expect, it } from 'vitest';
import { MANY_STORED, putInOrder } from '../../../src/cli/keystore/put-in-order.ts';

describe('a store', () => {
  it.each([
    ['is left as it is after a small load', MANY_STORED - 1, 0, 0],
    ['is put in order after a large one', MANY_STORED - 1, 1, 1],
  ])('%s', async (_, inserted, updated, times) => {
    const done: string[] = [];
    const store = { compact: async () => void done.push('compacted') };
    await putInOrder(store, { inserted, updated }, { err: () => done.push('told') });
    expect(done).toEqual(times === 0 ? [] : ['told', 'compacted']);
  });
});
