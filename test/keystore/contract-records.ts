import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Keystore, Merge } from '../../src/keystore/keystore.ts';
import { joinedTerms } from '../../src/keystore/term-octets.ts';
import type { OpenedKeystore, OpenKeystore } from './contract.ts';
import { Clock, collect, fingerprint, longFingerprint, put, record, sorted, text, word } from './sample.ts';

export function recordsContract(open: OpenKeystore): void {
  describe('records', () => {
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

    it('answers undefined for what it does not hold, and for what is no fingerprint', async () => {
      await put(store, record(fingerprint(1), 'one'));
      for (const name of [
        fingerprint(2),
        longFingerprint(1),
        '',
        'x',
        fingerprint(1).toLowerCase(),
        `${fingerprint(1)}00`,
      ]) {
        expect(await store.get(name)).toBeUndefined();
        expect(await store.bytes(name)).toBeUndefined();
      }
    });

    it('gives back the bytes and the terms it was given, each term once', async () => {
      const terms = [word('a'), { kind: 'userid', value: 'a' }, word('a'), word('é')] as const;
      const update = await store.update(fingerprint(1), () => record(fingerprint(1), 'one', terms));
      expect(update.outcome).toBe('inserted');
      const held = await store.get(fingerprint(1));
      for (const its of [update.record, held]) {
        expect(its?.fingerprint).toBe(fingerprint(1));
        expect(text(its?.bytes)).toBe('one');
        expect(sorted(its?.terms ?? [])).toEqual(sorted([...new Set(terms)].filter((_, n) => n !== 2)));
      }
      expect(text(await store.bytes(fingerprint(1)))).toBe('one');
    });

    it('takes terms as they are stored, too, and finds no difference', async () => {
      const terms = [word('b'), word('é'), word('a')];
      const joined = { ...record(fingerprint(1), 'one'), terms: joinedTerms(terms) };
      expect((await store.update(fingerprint(1), () => joined)).outcome).toBe('inserted');
      const same = await store.update(fingerprint(1), () => record(fingerprint(1), 'one', terms));
      expect(same.outcome).toBe('unchanged');
      expect(sorted((await store.get(fingerprint(1)))?.terms ?? [])).toEqual(sorted(terms));
      expect((await store.find([word('é')], { limit: 1 })).fingerprints).toEqual([fingerprint(1)]);
    });

    it('holds certificates of both lengths of fingerprint, and empty ones', async () => {
      await put(store, record(fingerprint(1), ''));
      await put(store, record(longFingerprint(1), 'six'));
      expect((await store.get(fingerprint(1)))?.bytes).toEqual(new Uint8Array());
      expect(text(await store.bytes(longFingerprint(1)))).toBe('six');
    });

    it('is not affected by what is done to an array given to it or gotten from it', async () => {
      const bytes = new TextEncoder().encode('mine');
      const { record: updated } = await store.update(fingerprint(1), () => ({
        fingerprint: fingerprint(1),
        bytes,
        terms: [],
      }));
      bytes.fill(0);
      expect(text(updated?.bytes)).toBe('mine');
      (await store.get(fingerprint(1)))?.bytes.fill(0);
      (await store.bytes(fingerprint(1)))?.fill(0);
      updated?.bytes.fill(0);
      expect(text(await store.bytes(fingerprint(1)))).toBe('mine');
    });

    it('gives the merge what is held', async () => {
      const seen: (string | undefined)[] = [];
      const merge: Merge = (held) => {
        seen.push(text(held?.bytes));
        return record(fingerprint(1), `${text(held?.bytes) ?? ''}+`, [word('a')]);
      };
      await store.update(fingerprint(1), merge);
      const second = await store.update(fingerprint(1), merge);
      expect(second.outcome).toBe('updated');
      expect(text(second.record?.bytes)).toBe('++');
      expect([...new Set(seen)]).toEqual([undefined, '+']);
    });

    it('says unchanged, and writes nothing, when the merge returns nothing or an equal record', async () => {
      expect(await store.update(fingerprint(1), () => undefined)).toEqual({
        outcome: 'unchanged',
        record: undefined,
      });
      await put(store, record(fingerprint(1), 'one', [word('a'), word('b')]));
      const merges: Merge[] = [
        () => undefined,
        (held) => held,
        () => record(fingerprint(1), 'one', [word('b'), word('a'), word('b')]),
      ];
      for (const merge of merges) {
        const update = await store.update(fingerprint(1), merge);
        expect(update.outcome).toBe('unchanged');
        expect(text(update.record?.bytes)).toBe('one');
      }
      expect(await store.status()).toEqual({ certificates: 1, sequence: 1 });
    });

    it('says updated when only the bytes, only a kind or only a value differs', async () => {
      const wanted = [
        record(fingerprint(1), 'one', [word('a')]),
        record(fingerprint(1), 'two', [word('a')]),
        record(fingerprint(1), 'two', [{ kind: 'userid', value: 'a' }]),
        record(fingerprint(1), 'two', [{ kind: 'userid', value: 'A' }]),
        record(fingerprint(1), 'two', []),
      ];
      const outcomes = [];
      for (const next of wanted) outcomes.push((await store.update(fingerprint(1), () => next)).outcome);
      expect(outcomes).toEqual(['inserted', 'updated', 'updated', 'updated', 'updated']);
      expect(await store.status()).toEqual({ certificates: 1, sequence: 5 });
    });

    it('refuses a record of another fingerprint and a name that is no fingerprint', async () => {
      const other = store.update(fingerprint(1), () => record(fingerprint(2), 'two'));
      await expect(other).rejects.toMatchObject({ code: 'WRONG_FINGERPRINT' });
      for (const name of ['', 'ABCD', fingerprint(1).toLowerCase(), `${fingerprint(1)}0`]) {
        const update = store.update(name, () => record(name, 'x'));
        await expect(update).rejects.toMatchObject({ code: 'WRONG_FINGERPRINT' });
      }
      expect(await store.status()).toEqual({ certificates: 0, sequence: 0 });
      expect(await collect(store.records())).toEqual([]);
    });

    it('passes on what a merge throws, stores nothing, and goes on', async () => {
      const failing = store.update(fingerprint(1), () => {
        throw new RangeError('no');
      });
      await expect(failing).rejects.toThrow(RangeError);
      expect(await store.get(fingerprint(1))).toBeUndefined();
      expect((await store.update(fingerprint(1), () => record(fingerprint(1), 'one'))).outcome).toBe(
        'inserted',
      );
    });

    it('loses nothing of 50 parallel updates of one certificate (U50)', async () => {
      const parts = Array.from({ length: 50 }, (_, n) => `<${n}>`);
      const updates = await Promise.all(
        parts.map((part) =>
          store.update(fingerprint(1), (held) =>
            record(fingerprint(1), `${text(held?.bytes) ?? ''}${part}`, [...(held?.terms ?? []), word(part)]),
          ),
        ),
      );
      const held = await store.get(fingerprint(1));
      for (const part of parts) expect(text(held?.bytes)).toContain(part);
      expect(sorted(held?.terms ?? [])).toEqual(sorted(parts.map(word)));
      expect(updates.filter(({ outcome }) => outcome === 'inserted')).toHaveLength(1);
      expect(await store.status()).toEqual({ certificates: 1, sequence: 50 });
    });

    it('iterates over every record by ascending fingerprint, as of the first step', async () => {
      const names = Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? longFingerprint(n) : fingerprint(n)));
      for (const name of names) await put(store, record(name, name, [word('all')]));
      const seen: string[] = [];
      for await (const its of store.records()) {
        expect(text(its.bytes)).toBe(its.fingerprint);
        expect(sorted(its.terms)).toEqual(sorted([word('all')]));
        if (seen.length === 0) {
          await put(store, record(fingerprint(1000), 'late'));
          await put(store, record(names.toSorted().at(-1) ?? '', 'late'));
        }
        seen.push(its.fingerprint);
      }
      expect(seen).toEqual(names.toSorted());
    });

    it('lets an iteration be left half way', async () => {
      for (let n = 0; n < 5; n += 1) await put(store, record(fingerprint(n), 'x'));
      for await (const its of store.records()) {
        expect(its.fingerprint).toBe([0, 1, 2, 3, 4].map(fingerprint).toSorted()[0]);
        break;
      }
      for await (const change of store.changes(0)) {
        expect(change.sequence).toBe(1);
        break;
      }
      expect(await store.status()).toEqual({ certificates: 5, sequence: 5 });
    });

    it('finishes the updates under way when it is closed, then refuses everything', async () => {
      const updates = Array.from({ length: 20 }, (_, n) =>
        store.update(fingerprint(n % 4), (held) => record(fingerprint(n % 4), `${text(held?.bytes) ?? ''}.`)),
      );
      const closed = store.close();
      expect((await Promise.all(updates)).every(({ record: its }) => its !== undefined)).toBe(true);
      await closed;
      await store.close();
      const uses: (() => Promise<unknown>)[] = [
        () => store.get(fingerprint(0)),
        () => store.bytes(fingerprint(0)),
        () => store.find([word('a')], { limit: 1 }),
        () => store.update(fingerprint(0), () => undefined),
        async () => collect(store.changes(0)),
        async () => collect(store.records()),
        () => store.sequenceBefore(0),
        () => store.status(),
        () => store.remove({ fingerprint: fingerprint(0), time: 0, by: 'operator', reason: '' }),
        () => store.unblock(fingerprint(0)),
        () => store.tombstones([fingerprint(0)]),
        async () => collect(store.allTombstones()),
        () => store.document('a', 'a'),
        async () => collect(store.documents('a')),
        () => store.putDocument('a', 'a', 1, 0),
        async () => collect(store.items()),
        () => store.ready(),
      ];
      for (const use of uses) await expect(use()).rejects.toMatchObject({ code: 'CLOSED' });
    });
  });
}
