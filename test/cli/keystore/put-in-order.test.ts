import { describe, expect, it } from 'vitest';
import { MANY_STORED, putInOrder } from '../../../src/cli/keystore/put-in-order.ts';

describe('a store', () => {
  it.each([
    ['is left as it is after a small load', { inserted: MANY_STORED - 1, updated: 0 }, false, []],
    [
      'is put in order after a large one',
      { inserted: MANY_STORED - 1, updated: 1 },
      false,
      ['told', 'compacted'],
    ],
    ['is left to its database when that is shared', { inserted: MANY_STORED, updated: 0 }, true, []],
  ])('%s', async (_, counts, shared, expected) => {
    const done: string[] = [];
    const store = { shared, compact: async () => void done.push('compacted') };
    await putInOrder(store, counts, { err: () => done.push('told') });
    expect(done).toEqual(expected);
  });
});
