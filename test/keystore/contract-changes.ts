import { createHash } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Keystore } from '../../src/keystore/keystore.ts';
import type { OpenedKeystore, OpenKeystore } from './contract.ts';
import { Clock, collect, fingerprint, longFingerprint, put, record, text, word } from './sample.ts';

function sha256(of: string): string {
  return createHash('sha256').update(of).digest('hex');
}

export function changesContract(open: OpenKeystore): void {
  describe('the change log', () => {
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

    it('is empty in an empty store', async () => {
      expect(await collect(store.changes(0))).toEqual([]);
      expect(await store.sequenceBefore(clock.time)).toBe(0);
      expect(await store.status()).toEqual({ certificates: 0, sequence: 0 });
    });

    it('says what changed, when, how, and into what', async () => {
      const start = clock.time;
      await put(store, record(fingerprint(1), 'one'));
      clock.time += 1000;
      await put(store, record(longFingerprint(2), 'two'));
      await put(store, record(fingerprint(1), 'one more'));
      await put(store, record(fingerprint(1), 'one more', [word('a')]));
      expect(await collect(store.changes(0))).toEqual([
        { sequence: 1, time: start, fingerprint: fingerprint(1), kind: 'inserted', digest: sha256('one') },
        {
          sequence: 2,
          time: start + 1000,
          fingerprint: longFingerprint(2),
          kind: 'inserted',
          digest: sha256('two'),
        },
        {
          sequence: 3,
          time: start + 1000,
          fingerprint: fingerprint(1),
          kind: 'updated',
          digest: sha256('one more'),
        },
        {
          sequence: 4,
          time: start + 1000,
          fingerprint: fingerprint(1),
          kind: 'updated',
          digest: sha256('one more'),
        },
      ]);
      expect(await store.status()).toEqual({ certificates: 2, sequence: 4 });
    });

    it('gives the changes after a sequence, none after the newest or beyond', async () => {
      for (let n = 0; n < 5; n += 1) await put(store, record(fingerprint(n), 'x'));
      expect((await collect(store.changes(3))).map(({ sequence }) => sequence)).toEqual([4, 5]);
      expect(await collect(store.changes(5))).toEqual([]);
      expect(await collect(store.changes(Number.MAX_SAFE_INTEGER))).toEqual([]);
      for (const since of [-1, 0.5, Number.NaN]) {
        const reading = async (): Promise<unknown> => collect(store.changes(since));
        await expect(reading()).rejects.toMatchObject({ code: 'BAD_QUERY' });
      }
    });

    it('is read as of the first step', async () => {
      await put(store, record(fingerprint(1), 'one'));
      const sequences: number[] = [];
      for await (const { sequence } of store.changes(0)) {
        sequences.push(sequence);
        await put(store, record(fingerprint(2), 'two'));
      }
      expect(sequences).toEqual([1]);
    });

    it('has no gaps and every update once when many are made at the same time', async () => {
      const merges = Array.from({ length: 120 }, (_, n) =>
        store.update(fingerprint(n % 40), (held) =>
          record(fingerprint(n % 40), `${text(held?.bytes) ?? ''}.`),
        ),
      );
      await Promise.all(merges);
      const changes = await collect(store.changes(0));
      expect(changes.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 120 }, (_, n) => n + 1));
      expect(changes.filter(({ kind }) => kind === 'inserted')).toHaveLength(40);
      const newest = new Map(changes.map((change) => [change.fingerprint, change.digest]));
      for (const digest of newest.values()) expect(digest).toBe(sha256('...'));
      expect(await store.status()).toEqual({ certificates: 40, sequence: 120 });
    });

    it('never runs backwards when the clock is set back', async () => {
      const start = clock.time;
      await put(store, record(fingerprint(1), 'one'));
      clock.time = start - 60_000;
      await put(store, record(fingerprint(2), 'two'));
      clock.time = start + 0.5;
      await put(store, record(fingerprint(3), 'three'));
      expect((await collect(store.changes(0))).map(({ time }) => time)).toEqual([start, start, start]);
    });

    it('tells the last change before a time', async () => {
      const start = clock.time;
      for (const later of [0, 0, 10, 20, 20, 20, 30]) {
        clock.time = start + later;
        await put(store, record(fingerprint((await store.status()).sequence), 'x'));
      }
      const sequences = [-1, 0, 1, 10, 11, 20, 21, 30, 31, 1e15].map((later) =>
        store.sequenceBefore(start + later),
      );
      expect(await Promise.all(sequences)).toEqual([0, 0, 2, 2, 3, 3, 6, 6, 7, 7]);
    });
  });
}
