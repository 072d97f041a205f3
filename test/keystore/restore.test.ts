import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkLevelKeystore } from '../../src/keystore/check.ts';
import type { StoreItem } from '../../src/keystore/keystore.ts';
import { openLevelKeystore } from '../../src/keystore/level.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { restoreLevelKeystore } from '../../src/keystore/restore.ts';
import { Clock, collect, fingerprint, longFingerprint, pages, put, record, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();
let folder: string;
let remove: () => Promise<void>;
let items: StoreItem[];

/** The items of a store in which everything has happened that can. */
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  const store = new MemoryKeystore(clock);
  for (let n = 0; n < 30; n += 1) {
    clock.time += 1;
    const name = n % 3 === 0 ? longFingerprint(n) : fingerprint(n);
    await put(store, record(name, `${n}`, [word('all'), word(`${n % 4}`)]));
    if (n % 5 === 0) await put(store, record(name, `${n} more`, [word('all')]));
    if (n % 7 === 0) await store.remove({ fingerprint: name, time: n, by: 'owner', reason: `${n}` });
    if (n % 14 === 0) await store.unblock(name);
    await store.putDocument('job', `${n}`, { n }, 0);
    await store.putDocument('job', '0', { n }, n + 1);
  }
  items = await collect(store.items());
});

afterEach(async () => {
  await remove();
});

async function* of(some: readonly StoreItem[]): AsyncGenerator<StoreItem> {
  yield* some;
}

describe('restoreLevelKeystore', () => {
  it('makes a store of the same items, in which nothing is wrong and the log goes on', async () => {
    await restoreLevelKeystore(path.join(folder, 'new'), of(items));
    const report = await checkLevelKeystore(path.join(folder, 'new'), { now: clock.now });
    expect(report).toMatchObject({ found: 0, certificates: 25, documents: 30 });
    const store = await openLevelKeystore(path.join(folder, 'new'), clock);
    expect(await collect(store.items())).toEqual(items);
    const { sequence } = await store.status();
    const found = (await pages(store, [word('all')], 7)).flatMap((page) => page.fingerprints);
    expect(found).toEqual((await collect(store.records())).map((one) => one.fingerprint));
    await put(store, record(fingerprint(100), 'next'));
    expect((await collect(store.changes(sequence))).map((change) => change.sequence)).toEqual([sequence + 1]);
    await store.close();
  });

  it('makes an empty store of nothing', async () => {
    await restoreLevelKeystore(folder, of([]));
    const store = await openLevelKeystore(folder, clock);
    expect(await store.status()).toEqual({ certificates: 0, sequence: 0 });
    await store.close();
  });

  it('leaves a folder that holds a store as it is', async () => {
    await restoreLevelKeystore(folder, of(items));
    await expect(restoreLevelKeystore(folder, of([]))).rejects.toMatchObject({ code: 'BAD_ITEM' });
    const store = await openLevelKeystore(folder, clock);
    expect(await collect(store.items())).toEqual(items);
    await store.close();
  });

  it('that breaks off leaves nothing that is taken for a store', async () => {
    const breaking = (async function* () {
      yield* items;
      throw new RangeError('the file ends here');
    })();
    await expect(restoreLevelKeystore(folder, breaking)).rejects.toThrow(RangeError);
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
  });

  it('refuses a change log with a gap, or with something after it', async () => {
    const first = items.findIndex(({ type }) => type === 'change');
    const gap = restoreLevelKeystore(path.join(folder, 'gap'), of(items.toSpliced(first + 2, 1)));
    await expect(gap).rejects.toMatchObject({ code: 'BAD_ITEM' });
    const after = restoreLevelKeystore(path.join(folder, 'after'), of([...items, ...items.slice(0, 1)]));
    await expect(after).rejects.toMatchObject({ code: 'BAD_ITEM' });
  });
});
