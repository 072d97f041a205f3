import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Keystore, Term, TermKind } from '../../src/keystore/keystore.ts';
import type { OpenedKeystore, OpenKeystore } from './contract.ts';
import { Clock, fingerprint, longFingerprint, pages, put, record, word } from './sample.ts';

const KINDS: readonly TermKind[] = ['fingerprint', 'keyid', 'short', 'digest', 'email', 'userid', 'word'];

/** Values made to be read as a separator, an end, or the beginning of another term (L11). */
const ADVERSARIAL: readonly string[] = [
  '',
  '!',
  '!!',
  '"',
  '#',
  '\0',
  '\0\0',
  'a',
  'a\0',
  'a!',
  'a\0b',
  'a!b',
  'ab',
  'b',
  'a\u00ff',
  '\u00ff',
  '\u00ff\u00ff',
  '\uffff',
  'a\uffff',
  '~',
  '*',
  '%',
  '_',
  '.*',
  '(a+)+$',
  '\\',
  "'; --",
  '$where',
  '\u{10ffff}',
  'f',
  'i',
  '/../',
  '\r\n',
  'a'.repeat(1024),
  `${'a'.repeat(1024)}b`,
  'é'.repeat(512),
  '\0\0\0\u0001a',
  'w\0\0\0\u0001a',
];

const termValue = fc.oneof(
  fc.constantFrom(...ADVERSARIAL),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', '\0', '!', '\u00ff', '\uffff'), maxLength: 4 }),
);
const term: fc.Arbitrary<Term> = fc.record({ kind: fc.constantFrom(...KINDS), value: termValue });

export function searchContract(open: OpenKeystore): void {
  describe('search', () => {
    let opened: OpenedKeystore;
    let store: Keystore;

    async function renew(): Promise<void> {
      opened = await open(new Clock().now);
      store = opened.store;
    }

    async function discard(): Promise<void> {
      await store.close();
      await opened.remove();
    }

    async function found(...terms: Term[]): Promise<string[]> {
      return (await pages(store, terms, 3)).flatMap((page) => page.fingerprints);
    }

    beforeEach(renew);
    afterEach(discard);

    it('finds the certificates that carry all the terms, by ascending fingerprint', async () => {
      const all = [1, 2, 3].map(fingerprint);
      await put(store, record(fingerprint(1), '1', [word('a'), word('b')]));
      await put(store, record(fingerprint(2), '2', [word('a'), { kind: 'userid', value: 'b' }]));
      await put(store, record(fingerprint(3), '3', [word('a'), word('b'), word('c')]));
      expect(await found(word('a'))).toEqual(all.toSorted());
      expect(await found(word('a'), word('b'), word('a'))).toEqual(
        [fingerprint(1), fingerprint(3)].toSorted(),
      );
      expect(await found(word('c'), word('b'), word('a'))).toEqual([fingerprint(3)]);
      expect(await found(word('c'), { kind: 'userid', value: 'b' })).toEqual([]);
      expect(await found(word('nobody'))).toEqual([]);
    });

    it('finds a certificate by its new terms and no more by those it lost', async () => {
      await put(store, record(fingerprint(1), '1', [word('old'), word('both')]));
      await put(store, record(fingerprint(1), '2', [word('both'), word('new')]));
      expect(await found(word('old'))).toEqual([]);
      expect(await found(word('both'))).toEqual([fingerprint(1)]);
      expect(await found(word('new'))).toEqual([fingerprint(1)]);
      await put(store, record(fingerprint(1), '3', [word('old')]));
      expect(await found(word('old'))).toEqual([fingerprint(1)]);
      expect(await found(word('both'), word('old'))).toEqual([]);
    });

    it('fills every page but the last, and has a token on every page but the last', async () => {
      const names = Array.from({ length: 7 }, (_, n) => (n % 2 === 0 ? longFingerprint(n) : fingerprint(n)));
      for (const name of names) await put(store, record(name, name, [word('a'), word('b')]));
      for (const terms of [[word('a')], [word('a'), word('b')]]) {
        for (let limit = 1; limit <= 8; limit += 1) {
          const all = await pages(store, terms, limit);
          expect(all).toHaveLength(Math.ceil(names.length / limit));
          expect(all.flatMap((page) => page.fingerprints)).toEqual(names.toSorted());
          for (const page of all.slice(0, -1)) expect(page.fingerprints).toHaveLength(limit);
        }
      }
    });

    it('takes a token again, with another limit and with the terms in another order', async () => {
      for (let n = 0; n < 6; n += 1) await put(store, record(fingerprint(n), 'x', [word('a'), word('b')]));
      const first = await store.find([word('a'), word('b')], { limit: 2 });
      const rest = { limit: 10, after: first.next ?? '' };
      const expected = [0, 1, 2, 3, 4, 5].map(fingerprint).toSorted().slice(2);
      expect((await store.find([word('b'), word('a'), word('b')], rest)).fingerprints).toEqual(expected);
      expect((await store.find([word('a'), word('b')], rest)).fingerprints).toEqual(expected);
    });

    it('refuses a token of another search, a forged one and an altered one (L13)', async () => {
      for (let n = 0; n < 3; n += 1) await put(store, record(fingerprint(n), 'x', [word('a'), word('b')]));
      const { next } = await store.find([word('a')], { limit: 1 });
      expect(next).toMatch(/^[\w-]+$/u);
      const token = next ?? '';
      const altered = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
      const forged = [
        '',
        'x',
        '0',
        `${token}=`,
        `${token}A`,
        token.slice(0, -1),
        altered,
        ` ${token}`,
        fingerprint(0),
      ];
      for (const after of forged) {
        const search = store.find([word('a')], { limit: 1, after });
        await expect(search).rejects.toMatchObject({ code: 'BAD_PAGE_TOKEN' });
      }
      for (const terms of [[word('b')], [word('a'), word('b')], [{ kind: 'userid', value: 'a' } as const]]) {
        const search = store.find(terms, { limit: 1, after: token });
        await expect(search).rejects.toMatchObject({ code: 'BAD_PAGE_TOKEN' });
      }
    });

    it('refuses a search without terms, with very many, and with an impossible limit', async () => {
      const many = Array.from({ length: 33 }, (_, n) => word(`${n}`));
      for (const terms of [[], many]) {
        await expect(store.find(terms, { limit: 1 })).rejects.toMatchObject({ code: 'BAD_QUERY' });
      }
      expect(await store.find(many.slice(1), { limit: 1 })).toEqual({ fingerprints: [] });
      for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expect(store.find([word('a')], { limit })).rejects.toMatchObject({ code: 'BAD_QUERY' });
      }
    });

    it('keeps every adversarial value of every kind apart from all others (L11)', async () => {
      const carried = ADVERSARIAL.flatMap((value, n) => [
        { name: fingerprint(2 * n), value, kind: 'word' as const },
        { name: fingerprint(2 * n + 1), value, kind: 'userid' as const },
      ]);
      await Promise.all(
        carried.map(({ name, kind, value }) => put(store, record(name, 'x', [{ kind, value }]))),
      );
      for (const { name, kind, value } of carried) expect(await found({ kind, value })).toEqual([name]);
      for (const value of ADVERSARIAL) expect(await found({ kind: 'email', value })).toEqual([]);
    });

    it('compares terms by their UTF-8, in which a lone surrogate is U+FFFD', async () => {
      await put(store, record(fingerprint(1), 'x', [word('\ud800')]));
      expect(await found(word('\ufffd'))).toEqual([fingerprint(1)]);
      const again = await store.update(fingerprint(1), () => record(fingerprint(1), 'x', [word('\udfff')]));
      expect(again.outcome).toBe('unchanged');
    });

    it('reads no value through another one, whatever they hold (property)', async () => {
      const certificates = fc.array(fc.array(term, { maxLength: 5 }), { minLength: 1, maxLength: 6 });
      const sought = fc.array(term, { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(certificates, sought, async (all, terms) => {
          await discard();
          await renew();
          for (const [n, its] of all.entries()) await put(store, record(fingerprint(n), `${n}`, its));
          const carries = (its: readonly Term[], { kind, value }: Term): boolean =>
            its.some((other) => other.kind === kind && other.value === value);
          for (const searched of [terms, ...all.flat().map((one) => [one])]) {
            const expected = [...all.keys()].filter((n) =>
              searched.every((one) => carries(all[n] ?? [], one)),
            );
            expect(await found(...searched)).toEqual(expected.map(fingerprint).toSorted());
          }
        }),
        { numRuns: 40 },
      );
    });

    it('shows a certificate held throughout on exactly one page, whatever is written between (property)', async () => {
      const write = fc.record({ n: fc.nat(40), on: fc.boolean() });
      const plan = fc.record({
        kept: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 20 }),
        limit: fc.integer({ min: 1, max: 4 }),
        writes: fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 20 }),
      });
      await fc.assert(
        fc.asyncProperty(plan, async ({ kept, limit, writes }) => {
          await discard();
          await renew();
          const both = [word('a'), word('b')];
          for (const n of kept) await put(store, record(fingerprint(n), 'kept', both));
          const left = [...writes];
          const all = await pages(store, both, limit, async () => {
            for (const { n, on } of left.shift() ?? []) {
              if (kept.includes(n)) await put(store, record(fingerprint(n), `kept ${left.length}`, both));
              else await put(store, record(fingerprint(n), 'other', on ? both : [word('a')]));
            }
          });
          const shown = all.flatMap((page) => page.fingerprints);
          expect(shown).toEqual([...new Set(shown)].toSorted());
          for (const n of kept) expect(shown).toContain(fingerprint(n));
          for (const page of all.slice(0, -1)) expect(page.fingerprints).toHaveLength(limit);
        }),
        { numRuns: 25 },
      );
    });
  });
}
