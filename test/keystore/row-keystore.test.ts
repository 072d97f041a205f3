import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { KeystoreError } from '../../src/keystore/error.ts';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { openLevelKeystore, openLevelRows } from '../../src/keystore/level.ts';
import { openRowKeystore } from '../../src/keystore/row-keystore.ts';
import { TABLES } from '../../src/keystore/row-layout.ts';
import type { RowWrite } from '../../src/keystore/rows.ts';
import { InstrumentedRows } from './instrumented-rows.ts';
import { Clock, collect, fingerprint, pages, put, record, text, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();
let folder: string;
let remove: () => Promise<void>;
let rows: InstrumentedRows;
let store: Keystore;

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  rows = new InstrumentedRows(await openLevelRows(folder, { create: true }));
  store = await openRowKeystore(rows, folder, clock.now);
});

afterEach(async () => {
  await store.close();
  await remove();
});

function changesIn(batch: readonly RowWrite[]): number {
  return batch.filter(({ key }) => key[0] === TABLES.log).length;
}

/** Records how many changes each batch held; the first batch waits until `release` is called. */
function heldBack(): { sizes: number[]; release: () => void } {
  const sizes: number[] = [];
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  rows.beforeWrite = async (batch) => {
    sizes.push(changesIn(batch));
    if (sizes.length === 1) await gate;
  };
  return { sizes, release };
}

function diskFull(): KeystoreError {
  return new KeystoreError('WRITE_FAILED', 'No space left on device');
}

/** Until every merge has run, so that all changes wait for the disk. */
async function merged(counter: { merges: number }, all: number): Promise<void> {
  while (counter.merges < all) await new Promise(setImmediate);
  await new Promise(setImmediate);
}

describe('batches', () => {
  it('holds no empty value, of which the binding of LevelDB would keep a copy for ever', async () => {
    const empty: string[] = [];
    rows.beforeWrite = async (batch) => {
      for (const { key, value } of batch) if (value?.length === 0) empty.push(key.toString('latin1'));
    };
    await put(store, record(fingerprint(1), 'one', [word('a'), word('b')]));
    await put(store, record(fingerprint(1), 'more', [word('a'), word('c')]));
    expect(empty).toEqual([]);
    expect(await pages(store, [word('c')], 1)).toEqual([{ fingerprints: [fingerprint(1)] }]);
  });

  it('writes the updates that wait for one sync together in the next', async () => {
    const { sizes, release } = heldBack();
    const counter = { merges: 0 };
    const updates = Array.from({ length: 20 }, (_, n) =>
      store.update(fingerprint(n), () => {
        counter.merges += 1;
        return record(fingerprint(n), `${n}`, [word('a')]);
      }),
    );
    await merged(counter, 20);
    expect(await store.status()).toEqual({ certificates: 0, sequence: 0 });
    release();
    await Promise.all(updates);
    expect(sizes).toEqual([1, 19]);
    const sequences = (await collect(store.changes(0))).map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('does not let a waiting crowd become one huge batch', async () => {
    const { sizes, release } = heldBack();
    const counter = { merges: 0 };
    const content = 'x'.repeat(1024 * 1024);
    const updates = Array.from({ length: 11 }, (_, n) =>
      store.update(fingerprint(n), () => {
        counter.merges += 1;
        return record(fingerprint(n), content);
      }),
    );
    await merged(counter, 11);
    release();
    await Promise.all(updates);
    expect(sizes).toEqual([1, 4, 4, 2]);
  });

  it('stores a certificate that is larger than a batch is to be', async () => {
    await put(store, record(fingerprint(1), 'x'.repeat(5 * 1024 * 1024)));
    expect((await store.bytes(fingerprint(1)))?.length).toBe(5 * 1024 * 1024);
  });

  it('writes nothing for an unchanged certificate, and only the terms that differ for a changed one', async () => {
    const terms = Array.from({ length: 10 }, (_, n) => word(`${n}`));
    await put(store, record(fingerprint(1), 'one', terms));
    const batches: (readonly RowWrite[])[] = [];
    rows.beforeWrite = async (batch) => {
      batches.push(batch);
    };
    await put(store, record(fingerprint(1), 'one', terms));
    expect(batches).toHaveLength(0);
    await put(store, record(fingerprint(1), 'one', [...terms.slice(1), word('new')]));
    const index = (batches[0] ?? []).filter(({ key }) => key[0] === TABLES.index);
    expect(index.map(({ value }) => value === undefined)).toEqual([true, false]);
  });
});

describe('a removal', () => {
  const tombstone = { fingerprint: fingerprint(1), time: 1, by: 'operator', reason: '' } as const;

  it('is one batch: record, terms, tombstone, change and figures', async () => {
    await put(store, record(fingerprint(1), 'one', [word('a'), word('b')]));
    const batches: (readonly RowWrite[])[] = [];
    rows.beforeWrite = async (batch) => {
      batches.push(batch);
    };
    await store.remove(tombstone);
    const [batch = [], ...more] = batches;
    expect(more).toEqual([]);
    const written = batch.map(
      ({ key, value }) => `${key.toString('latin1', 0, 1)}${value === undefined ? '-' : '+'}`,
    );
    expect(written.join(' ')).toBe('l+ t+ c- f- i- i- m+');
  });

  it('that fails leaves the certificate, its terms and the figures as they were', async () => {
    await put(store, record(fingerprint(1), 'one', [word('a')]));
    rows.beforeWrite = async () => {
      throw diskFull();
    };
    await expect(store.remove(tombstone)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(text(await store.bytes(fingerprint(1)))).toBe('one');
    expect((await pages(store, [word('a')], 9)).flatMap((page) => page.fingerprints)).toHaveLength(1);
    expect(await store.tombstones([fingerprint(1)])).toEqual([]);
    expect(await store.status()).toEqual({ certificates: 1, sequence: 1 });
    await expect(store.unblock(fingerprint(1))).resolves.toBe(false);
    await expect(store.putDocument('a', 'a', 1, 0)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(await store.document('a', 'a')).toBeUndefined();
  });

  it('and documents go with the updates that wait for the same sync, and count as no change', async () => {
    const { sizes, release } = heldBack();
    const writes = [
      put(store, record(fingerprint(1), 'one')),
      store.putDocument('a', 'a', 1, 0),
      store.remove({ ...tombstone, fingerprint: fingerprint(2) }),
      store.putDocument('a', 'b', 1, 0),
    ];
    for (let n = 0; n < 20; n += 1) await new Promise(setImmediate);
    release();
    await Promise.all(writes);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2);
    expect(await store.status()).toEqual({ certificates: 1, sequence: 2 });
    expect((await collect(store.documents('a'))).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('a failed write (U55)', () => {
  it('rejects every update of its batch, shows nothing of them, and leaves the figures as they were', async () => {
    await put(store, record(fingerprint(0), 'before', [word('a')]));
    const { release } = heldBack();
    const first = rows.beforeWrite;
    rows.beforeWrite = async (batch) => {
      await first(batch);
      if (changesIn(batch) > 1) throw diskFull();
    };
    const counter = { merges: 0 };
    const updates = [1, 2, 3, 4].map((n) =>
      store.update(fingerprint(n), () => {
        counter.merges += 1;
        return record(fingerprint(n), `${n}`, [word('a')]);
      }),
    );
    const settled = Promise.allSettled(updates);
    await merged(counter, 4);
    release();
    const outcomes = (await settled).map((one) =>
      one.status === 'rejected' ? one.reason : one.value.outcome,
    );
    expect(outcomes.filter((outcome) => outcome === 'inserted')).toHaveLength(1);
    for (const error of outcomes.filter((outcome) => outcome !== 'inserted')) {
      expect(error).toMatchObject({ code: 'WRITE_FAILED' });
    }
    expect(await store.status()).toEqual({ certificates: 2, sequence: 2 });
    expect((await collect(store.changes(0))).map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect((await pages(store, [word('a')], 9)).flatMap((page) => page.fingerprints)).toHaveLength(2);
  });

  it('takes no more updates, although reads go on, until the store is opened again', async () => {
    await put(store, record(fingerprint(1), 'one', [word('a')]));
    rows.beforeWrite = async () => {
      throw diskFull();
    };
    await expect(store.ready()).resolves.toBeUndefined();
    const failed = store.update(fingerprint(2), () => record(fingerprint(2), 'two'));
    await expect(failed).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    await expect(store.ready()).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    rows.beforeWrite = async () => {};
    const later = store.update(fingerprint(3), () => record(fingerprint(3), 'three'));
    await expect(later).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(text(await store.bytes(fingerprint(1)))).toBe('one');
    expect((await store.update(fingerprint(1), () => undefined)).outcome).toBe('unchanged');

    await store.close();
    store = await openLevelKeystore(folder, clock);
    expect(await store.status()).toEqual({ certificates: 1, sequence: 1 });
    await put(store, record(fingerprint(3), 'three'));
    expect((await collect(store.changes(0))).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('that reached the disk all the same ends, when repeated, in the same state', async () => {
    rows.afterWrite = async () => {
      throw diskFull();
    };
    const wanted = record(fingerprint(1), 'one', [word('a')]);
    await expect(store.update(fingerprint(1), () => wanted)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    await store.close();
    store = await openLevelKeystore(folder, clock);
    expect((await store.update(fingerprint(1), () => wanted)).outcome).toBe('unchanged');
    expect(await store.status()).toEqual({ certificates: 1, sequence: 1 });
  });
});

describe('reads', () => {
  it('find sees one moment: never terms that a certificate carried one after the other', async () => {
    await put(store, record(fingerprint(1), '1', [word('a'), word('c')]));
    await put(store, record(fingerprint(2), '1', [word('b')]));
    await put(store, record(fingerprint(3), '1', [word('b')]));
    rows.beforeHasMany = async () => {
      await put(store, record(fingerprint(1), '2', [word('b')]));
    };
    expect(await store.find([word('a'), word('b')], { limit: 5 })).toEqual({ fingerprints: [] });
    expect(text(await store.bytes(fingerprint(1)))).toBe('2');
  });

  it('leaves no iteration and no snapshot open, however a read ends', async () => {
    for (let n = 0; n < 6; n += 1) await put(store, record(fingerprint(n), 'x', [word('a'), word('b')]));
    await pages(store, [word('a')], 1);
    await pages(store, [word('a'), word('b')], 2);
    for await (const _ of store.records()) break;
    for await (const _ of store.changes(0)) break;
    await collect(store.records());
    for await (const _ of store.items()) break;
    await collect(store.allTombstones());
    store.records();
    rows.beforeHasMany = async () => {
      throw new KeystoreError('READ_FAILED', 'gone');
    };
    const failing = store.find([word('a'), word('b')], { limit: 2 });
    await expect(failing).rejects.toMatchObject({ code: 'READ_FAILED' });
    expect(rows.openHandles).toBe(0);
  });
});
