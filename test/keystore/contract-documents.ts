import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Keystore } from '../../src/keystore/keystore.ts';
import { MAX_DOCUMENT_ID_OCTETS, MAX_DOCUMENT_OCTETS } from '../../src/keystore/limits.ts';
import type { OpenedKeystore, OpenKeystore } from './contract.ts';
import { Clock, collect, fingerprint, put, record } from './sample.ts';

export function documentsContract(open: OpenKeystore): void {
  describe('documents', () => {
    let opened: OpenedKeystore;
    let store: Keystore;

    beforeEach(async () => {
      opened = await open(new Clock().now);
      store = opened.store;
    });

    afterEach(async () => {
      await store.close();
      await opened.remove();
    });

    it('are given back as they were put, and leave the certificates, the changes and their times alone', async () => {
      const values = [{ a: [1, 'é', null, { b: true }] }, 'text', 0, false, null, []];
      for (const [n, value] of values.entries()) {
        expect(await store.putDocument('job', `${n}`, value, 0)).toBe(true);
        expect(await store.document('job', `${n}`)).toEqual({ kind: 'job', id: `${n}`, value, version: 1 });
      }
      expect(await store.document('job', 'none')).toBeUndefined();
      expect(await store.document('jo', 'b0')).toBeUndefined();
      expect(await store.status()).toEqual({ certificates: 0, sequence: 0 });
      expect(await collect(store.changes(0))).toEqual([]);
    });

    it('are not affected by what is done to a value given or gotten', async () => {
      const value = { list: [1] };
      await store.putDocument('job', 'a', value, 0);
      value.list.push(2);
      const got = (await store.document('job', 'a'))?.value as typeof value;
      got.list.push(3);
      expect((await store.document('job', 'a'))?.value).toEqual({ list: [1] });
    });

    it('are written only when their version is still the expected one, and count their writes', async () => {
      expect(await store.putDocument('job', 'a', 'x', 1)).toBe(false);
      expect(await store.putDocument('job', 'a', 'one', 0)).toBe(true);
      expect(await store.putDocument('job', 'a', 'other', 0)).toBe(false);
      expect(await store.putDocument('job', 'a', 'two', 1)).toBe(true);
      expect(await store.putDocument('job', 'a', 'other', 1)).toBe(false);
      expect(await store.document('job', 'a')).toMatchObject({ value: 'two', version: 2 });
    });

    it('are deleted by undefined, at the expected version only', async () => {
      await store.putDocument('job', 'a', 'one', 0);
      expect(await store.putDocument('job', 'a', undefined, 2)).toBe(false);
      expect(await store.putDocument('job', 'a', undefined, 1)).toBe(true);
      expect(await store.document('job', 'a')).toBeUndefined();
      expect(await collect(store.documents('job'))).toEqual([]);
      expect(await store.putDocument('job', 'a', undefined, 0)).toBe(true);
      expect(await store.putDocument('job', 'a', undefined, 1)).toBe(false);
    });

    it('lose no write of many at the same time', async () => {
      const add = async (): Promise<void> => {
        for (;;) {
          const held = await store.document('job', 'count');
          const next = Number(held?.value ?? 0) + 1;
          if (await store.putDocument('job', 'count', next, held?.version ?? 0)) return;
        }
      };
      await Promise.all(Array.from({ length: 20 }, add));
      expect(await store.document('job', 'count')).toMatchObject({ value: 20, version: 20 });
    });

    it('are listed by kind, by ID in the order of their octets, as of the first step', async () => {
      const ids = ['b', 'a', 'aa', 'é', '\u{1f511}', '\uff21', 'A', '\u0000'];
      for (const id of ids) await store.putDocument('token', id, id, 0);
      for (const kind of ['toke', 'tokens', 't', 'a']) await store.putDocument(kind, 'n', kind, 0);
      const seen: string[] = [];
      for await (const { kind, id, value, version } of store.documents('token')) {
        expect({ kind, value, version }).toEqual({ kind: 'token', value: id, version: 1 });
        if (seen.length === 0) await store.putDocument('token', 'late', 'late', 0);
        seen.push(id);
      }
      expect(seen).toEqual(ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      expect(await collect(store.documents('none'))).toEqual([]);
    });

    it('refuse names and values that cannot be kept', async () => {
      const names: [string, string][] = [
        ['', 'a'],
        ['a', ''],
        ['k'.repeat(65), 'a'],
        ['a', 'i'.repeat(MAX_DOCUMENT_ID_OCTETS + 1)],
        ['a', '\ud800'],
      ];
      for (const [kind, id] of names) {
        await expect(store.putDocument(kind, id, 1, 0)).rejects.toMatchObject({ code: 'BAD_ITEM' });
        await expect(store.document(kind, id)).rejects.toMatchObject({ code: 'BAD_ITEM' });
      }
      const round: { self?: unknown } = {};
      round.self = round;
      for (const value of [() => 1, Symbol('a'), 1n, round, 'x'.repeat(MAX_DOCUMENT_OCTETS - 1)]) {
        await expect(store.putDocument('a', 'a', value, 0)).rejects.toMatchObject({ code: 'BAD_ITEM' });
      }
      for (const expected of [-1, 0.5, Number.NaN]) {
        await expect(store.putDocument('a', 'a', 1, expected)).rejects.toMatchObject({ code: 'BAD_QUERY' });
      }
      const largest = 'x'.repeat(MAX_DOCUMENT_OCTETS - 2);
      expect(await store.putDocument('k'.repeat(64), 'i'.repeat(MAX_DOCUMENT_ID_OCTETS), largest, 0)).toBe(
        true,
      );
    });
  });

  describe('items', () => {
    it('are everything as of one moment, while writes go on', async () => {
      const { store, remove } = await open(new Clock().now);
      for (let n = 0; n < 5; n += 1) await put(store, record(fingerprint(n), `${n}`));
      const tombstone = { fingerprint: fingerprint(4), time: 7, by: 'owner', reason: 'r' } as const;
      await store.remove(tombstone);
      await store.putDocument('job', 'a', { last: 1 }, 0);
      const [records, changes] = [await collect(store.records()), await collect(store.changes(0))];
      const items = [];
      for await (const item of store.items()) {
        if (items.length === 0) {
          await put(store, record(fingerprint(0), 'changed'));
          await put(store, record(fingerprint(9), 'new'));
          await store.remove({ ...tombstone, fingerprint: fingerprint(1) });
          await store.putDocument('job', 'a', { last: 2 }, 1);
          await store.putDocument('job', 'b', {}, 0);
          await store.unblock(fingerprint(4));
        }
        items.push(item);
      }
      expect(items).toEqual([
        ...records.map((its) => ({ type: 'certificate', record: its })),
        { type: 'tombstone', tombstone },
        { type: 'document', document: { kind: 'job', id: 'a', value: { last: 1 }, version: 1 } },
        ...changes.map((change) => ({ type: 'change', change })),
      ]);
      for await (const _ of store.items()) break;
      await store.close();
      await remove();
    });
  });
}
