import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Keystore, Tombstone } from '../../src/keystore/keystore.ts';
import { removeKey } from '../../src/keystore/remove-key.ts';
import type { OpenedKeystore, OpenKeystore } from './contract.ts';
import { Clock, collect, fingerprint, longFingerprint, pages, put, record, text, word } from './sample.ts';

export function removalContract(open: OpenKeystore): void {
  describe('removal', () => {
    let clock: Clock;
    let opened: OpenedKeystore;
    let store: Keystore;

    beforeEach(async () => {
      clock = new Clock();
      opened = await open(clock.now);
      store = opened.store;
    });

    afterEach(async () => {
      await store.close();
      await opened.remove();
    });

    function tombstone(name: string, other: Partial<Tombstone> = {}): Tombstone {
      return { fingerprint: name, time: clock.time, by: 'operator', reason: 'left – for good', ...other };
    }

    async function found(value: string): Promise<readonly string[]> {
      return (await pages(store, [word(value)], 2)).flatMap((page) => page.fingerprints);
    }

    it('takes out the record and its terms, and nothing of any other', async () => {
      await put(store, record(fingerprint(1), 'one', [word('a'), word('b')]));
      await put(store, record(fingerprint(2), 'two', [word('a')]));
      expect(await store.remove(tombstone(fingerprint(1)))).toBe(true);
      expect(await store.get(fingerprint(1))).toBeUndefined();
      expect(await store.bytes(fingerprint(1))).toBeUndefined();
      expect(await found('a')).toEqual([fingerprint(2)]);
      expect(await found('b')).toEqual([]);
      expect((await collect(store.records())).map((its) => its.fingerprint)).toEqual([fingerprint(2)]);
      expect(await store.status()).toEqual({ certificates: 1, sequence: 3 });
    });

    it('blocks what is put at the same time, also when it was known that there is no tombstone', async () => {
      expect(await store.tombstones([fingerprint(1)])).toEqual([]);
      const removal = store.remove(tombstone(fingerprint(1)));
      const update = store.update(fingerprint(1), () => record(fingerprint(1), 'one'));
      expect(await removal).toBe(false);
      expect((await update).outcome).toBe('blocked');
      expect(await store.status()).toEqual({ certificates: 0, sequence: 1 });
    });

    it('is one change, without a digest; the removed certificate is in no other', async () => {
      await put(store, record(fingerprint(1), 'one'));
      clock.time += 5;
      await store.remove(tombstone(fingerprint(1)));
      expect((await collect(store.changes(1))).map((change) => ({ ...change }))).toStrictEqual([
        { sequence: 2, time: clock.time, fingerprint: fingerprint(1), kind: 'removed' },
      ]);
    });

    it('says false where nothing was held, and puts the tombstone all the same', async () => {
      expect(await store.remove(tombstone(longFingerprint(1)))).toBe(false);
      expect(await store.tombstones([longFingerprint(1)])).toHaveLength(1);
      expect(await store.status()).toEqual({ certificates: 0, sequence: 1 });
    });

    it('replaces a tombstone that is there already, without a change', async () => {
      await store.remove(tombstone(fingerprint(1)));
      const other = tombstone(fingerprint(1), { by: 'owner', reason: '', time: 1 });
      expect(await store.remove(other)).toBe(false);
      expect(await store.tombstones([fingerprint(1)])).toEqual([other]);
      expect(await store.status()).toEqual({ certificates: 0, sequence: 1 });
    });

    it('lets no update through while the tombstone is there, and asks no merge', async () => {
      await put(store, record(fingerprint(1), 'one'));
      await store.remove(tombstone(fingerprint(1)));
      const update = await store.update(fingerprint(1), () => {
        throw new Error('asked');
      });
      expect(update).toEqual({ outcome: 'blocked', record: undefined });
      expect(await store.status()).toEqual({ certificates: 0, sequence: 2 });
    });

    it('is undone for what comes later by unblock, which is a change and brings nothing back', async () => {
      await put(store, record(fingerprint(1), 'one', [word('a')]));
      await store.remove(tombstone(fingerprint(1)));
      expect(await store.unblock(fingerprint(1))).toBe(true);
      expect(await store.tombstones([fingerprint(1)])).toEqual([]);
      expect(await store.get(fingerprint(1))).toBeUndefined();
      expect((await store.update(fingerprint(1), () => record(fingerprint(1), 'new'))).outcome).toBe(
        'inserted',
      );
      const kinds = (await collect(store.changes(0))).map(({ kind }) => kind);
      expect(kinds).toEqual(['inserted', 'removed', 'unblocked', 'inserted']);
      expect(await found('a')).toEqual([]);
      expect(await store.status()).toEqual({ certificates: 1, sequence: 4 });
    });

    it('unblock says false, without a change, where no tombstone is', async () => {
      await put(store, record(fingerprint(1), 'one'));
      expect(await store.unblock(fingerprint(1))).toBe(false);
      expect(await store.unblock(fingerprint(2))).toBe(false);
      expect(await store.status()).toEqual({ certificates: 1, sequence: 1 });
    });

    it('gives the tombstones among fingerprints, each once and as it was put', async () => {
      const [one, two] = [tombstone(fingerprint(1)), tombstone(longFingerprint(2), { by: 'owner' })];
      await store.remove({ ...one, time: one.time + 0.5 });
      await store.remove(two);
      await put(store, record(fingerprint(3), 'three'));
      const asked = [fingerprint(3), longFingerprint(2), 'x', '', fingerprint(1), fingerprint(1)];
      const answers = await store.tombstones(asked);
      expect(answers).toHaveLength(2);
      expect(answers).toEqual(expect.arrayContaining([one, two]));
      expect(await store.tombstones([])).toEqual([]);
    });

    it('lists every tombstone by fingerprint, as of the first step', async () => {
      const names = [5, 3, 1, 4].map((n) => (n % 2 === 0 ? longFingerprint(n) : fingerprint(n)));
      for (const name of names) await store.remove(tombstone(name));
      const seen: string[] = [];
      for await (const one of store.allTombstones()) {
        if (seen.length === 0) {
          for (let n = 10; n < 20; n += 1) await store.remove(tombstone(fingerprint(n)));
        }
        seen.push(one.fingerprint);
      }
      expect(seen).toEqual(names.toSorted());
    });

    it('refuses what is no fingerprint, a time without room, and a reason over the limit', async () => {
      for (const name of ['', 'ABCD', fingerprint(1).toLowerCase()]) {
        await expect(store.remove(tombstone(name))).rejects.toMatchObject({ code: 'WRONG_FINGERPRINT' });
        await expect(store.unblock(name)).rejects.toMatchObject({ code: 'WRONG_FINGERPRINT' });
      }
      for (const other of [{ reason: 'é'.repeat(513) }, { time: -1 }, { time: Number.NaN }, { time: 1e20 }]) {
        const removal = store.remove(tombstone(fingerprint(1), other));
        await expect(removal).rejects.toMatchObject({ code: 'BAD_ITEM' });
      }
      await store.remove(tombstone(fingerprint(1), { reason: 'é'.repeat(512) }));
      expect(await store.status()).toEqual({ certificates: 0, sequence: 1 });
    });

    it('and updates of one certificate at the same time end in its being gone', async () => {
      const updates = Array.from({ length: 20 }, (_, n) =>
        store.update(fingerprint(1), (held) =>
          record(fingerprint(1), `${text(held?.bytes) ?? ''}.`, [word(`${n}`)]),
        ),
      );
      const removal = store.remove(tombstone(fingerprint(1)));
      const later = Array.from({ length: 5 }, () =>
        store.update(fingerprint(1), () => record(fingerprint(1), 'x')),
      );
      expect(await removal).toBe(true);
      await Promise.all(updates);
      expect((await Promise.all(later)).map(({ outcome }) => outcome)).toEqual(
        Array.from(later, () => 'blocked'),
      );
      expect(await store.get(fingerprint(1))).toBeUndefined();
      for (let n = 0; n < 20; n += 1) expect(await found(`${n}`)).toEqual([]);
      expect(await store.status()).toEqual({ certificates: 0, sequence: 21 });
    });

    it('of a key takes out every certificate that it is on, as primary key or as subkey', async () => {
      const on = (name: string) => ({ kind: 'fingerprint', value: name }) as const;
      const key = fingerprint(0);
      const carriers = Array.from({ length: 70 }, (_, n) => fingerprint(n));
      for (const name of carriers) await put(store, record(name, 'x', [on(name), on(key)]));
      await put(store, record(fingerprint(100), 'free', [on(fingerprint(100))]));
      const removed = await removeKey(store, tombstone(key, { by: 'owner' }));
      expect(removed.toSorted()).toEqual(carriers.toSorted());
      expect(await store.tombstones(carriers)).toHaveLength(70);
      expect((await store.tombstones([fingerprint(9)]))[0]).toMatchObject({ by: 'owner' });
      expect((await store.status()).certificates).toBe(1);
      expect(await removeKey(store, tombstone(fingerprint(200)))).toEqual([]);
    });
  });
}
