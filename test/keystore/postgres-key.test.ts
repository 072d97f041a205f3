import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { rowOf, SHORTEST_CUT_KEY, storedKey, storedRow } from '../../src/keystore/postgres-key.ts';
import { documentKey, requiredName } from '../../src/keystore/document-row.ts';
import { certificateKey, indexKey, postingRange, tableRange, TABLES } from '../../src/keystore/row-layout.ts';
import { termOctets } from '../../src/keystore/term-octets.ts';
import { fingerprint, longFingerprint, word } from './sample.ts';

/** Octets that an entry of PostgreSQL's index may have. */
const INDEX_OCTETS = 2704;
const NOTHING = Buffer.alloc(0);

function octets(name: string): Buffer {
  return Buffer.from(name, 'hex');
}

function byOctets(one: Buffer, other: Buffer): number {
  return Buffer.compare(one, other);
}

describe('a key as PostgreSQL holds it', () => {
  const lengths = fc.oneof(fc.nat(3000), fc.integer({ min: 1000, max: 1100 }));

  it('fits into an index, and leads back to the key that it stands for (property)', () => {
    fc.assert(
      fc.property(lengths, fc.boolean(), (length, long) => {
        const name = octets(long ? longFingerprint(length) : fingerprint(length));
        const key = indexKey(termOctets(word('x'.repeat(length))), name);
        const [stored, value] = storedRow(key, NOTHING);
        expect(stored.length).toBeLessThan(INDEX_OCTETS);
        expect(stored).toEqual(storedKey(key));
        expect(rowOf(stored, value)).toEqual([key, NOTHING]);
        // Of keys that may be cut the database gives out the value, of others it need not.
        expect(stored === key || stored.length >= SHORTEST_CUT_KEY).toBe(true);
      }),
    );
  });

  it('lies among those of its term, in the order of fingerprints, and among no others (property)', () => {
    fc.assert(
      fc.property(lengths, fc.nat(), fc.nat(), (length, one, other) => {
        const term = termOctets(word('x'.repeat(length)));
        const [a, b] = [octets(fingerprint(one)), octets(longFingerprint(other))].toSorted(byOctets);
        const { gt, lt } = postingRange(term, undefined);
        const ends = [gt, indexKey(term, a ?? NOTHING), indexKey(term, b ?? NOTHING), lt].map((key) =>
          storedKey(key ?? NOTHING),
        );
        expect(ends.toSorted(byOctets)).toEqual(ends);
        const close = indexKey(
          termOctets(word(`${'x'.repeat(Math.max(0, length - 1))}y`)),
          octets(fingerprint(one)),
        );
        const [start = NOTHING, , , end = NOTHING] = ends;
        const outside =
          Buffer.compare(storedKey(close), start) < 0 || Buffer.compare(storedKey(close), end) > 0;
        expect(outside).toBe(true);
      }),
    );
  });

  it('is the key itself for everything but long terms', () => {
    const keys = [
      certificateKey(octets(fingerprint(1))),
      documentKey(requiredName('k'.repeat(64), 'i'.repeat(1024))),
      tableRange(TABLES.index).gte ?? NOTHING,
      Buffer.from('mhead'),
    ];
    for (const key of keys) expect(storedRow(key, Buffer.of(1))).toEqual([key, Buffer.of(1)]);
  });
});
