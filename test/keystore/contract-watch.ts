import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Keystore, Tombstone, Touched } from '../../src/keystore/keystore.ts';
import type { OpenedKeystore, OpenKeystore } from './contract.ts';
import { Clock, fingerprint, put, record, sorted, word } from './sample.ts';

/** For stores that no other process changes; of others nothing can be watched. */
export function watchContract(open: OpenKeystore): void {
  describe('a watcher', () => {
    let clock: Clock;
    let opened: OpenedKeystore;
    let store: Keystore;
    let told: Touched[];

    beforeEach(async () => {
      clock = new Clock();
      opened = await open(clock.now);
      store = opened.store;
      told = [];
    });

    afterEach(async () => {
      await store.close();
      await opened.remove();
    });

    /** False where the store may be changed by others. */
    function watched(): boolean {
      store.watch?.((touched) => told.push(touched));
      return store.watch !== undefined;
    }

    function tombstone(name: string): Tombstone {
      return { fingerprint: name, time: clock.time, by: 'operator', reason: 'left' };
    }

    /** What was told, each term once. */
    function terms(): string[][] {
      return told.map((touched) => [...new Set(sorted(touched.terms))]);
    }

    it('is told what a new certificate is found by', async ({ skip }) => {
      skip(!watched());
      await put(store, record(fingerprint(1), 'one', [word('a'), word('b')]));
      expect(told.map((touched) => touched.fingerprint)).toEqual([fingerprint(1)]);
      expect(terms()).toEqual([sorted([word('a'), word('b')])]);
    });

    it('is told of the old terms and of the new ones', async ({ skip }) => {
      await put(store, record(fingerprint(1), 'one', [word('a'), word('b')]));
      skip(!watched());
      await put(store, record(fingerprint(1), 'two', [word('b'), word('c')]));
      expect(terms()).toEqual([sorted([word('a'), word('b'), word('c')])]);
    });

    it('is told when only the bytes change', async ({ skip }) => {
      await put(store, record(fingerprint(1), 'one', [word('a')]));
      skip(!watched());
      await put(store, record(fingerprint(1), 'two', [word('a')]));
      expect(terms()).toEqual([sorted([word('a')])]);
    });

    it('is told what a removed certificate was found by', async ({ skip }) => {
      await put(store, record(fingerprint(1), 'one', [word('a')]));
      skip(!watched());
      await store.remove(tombstone(fingerprint(1)));
      await store.remove(tombstone(fingerprint(2)));
      expect(terms()).toEqual([sorted([word('a')]), []]);
    });

    it('is not told of writes that change nothing, are blocked or fail', async ({ skip }) => {
      await put(store, record(fingerprint(1), 'one', [word('a')]));
      await store.remove(tombstone(fingerprint(2)));
      skip(!watched());
      await put(store, record(fingerprint(1), 'one', [word('a')]));
      await put(store, record(fingerprint(2), 'two', [word('b')]));
      await store.update(fingerprint(3), () => undefined);
      const failing = store.update(fingerprint(4), () => {
        throw new RangeError('no');
      });
      await expect(failing).rejects.toThrow(RangeError);
      expect(told).toEqual([]);
    });

    it('is told when the change can be seen, before the write has ended', async ({ skip }) => {
      skip(store.watch === undefined);
      const order: string[] = [];
      const seen: Promise<unknown>[] = [];
      store.watch?.(() => {
        order.push('told');
        seen.push(store.bytes(fingerprint(1)));
      });
      await put(store, record(fingerprint(1), 'one')).then(() => order.push('written'));
      expect(order).toEqual(['told', 'written']);
      expect(await Promise.all(seen)).not.toContain(undefined);
    });
  });
}
