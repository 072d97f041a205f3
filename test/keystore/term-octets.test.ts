import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Term, TermKind } from '../../src/keystore/keystore.ts';
import { indexKey, postingRange, readIndexKey } from '../../src/keystore/row-layout.ts';
import { readTerm, splitTerms, termOctets, termSet } from '../../src/keystore/term-octets.ts';

const kind = fc.constantFrom<TermKind>('fingerprint', 'keyid', 'short', 'digest', 'email', 'userid', 'word');
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\0', '\u0001', '!', '\u00ff', '\uffff', 'a', 'w'), maxLength: 8 }),
);
const term: fc.Arbitrary<Term> = fc.record({ kind, value });
const name = fc.oneof(
  fc.uint8Array({ minLength: 20, maxLength: 20 }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
);

describe('termOctets', () => {
  it('is read back by readTerm', () => {
    fc.assert(
      fc.property(term, (one) => {
        expect(readTerm(termOctets(one))).toEqual(one);
      }),
    );
  });

  it('gives no two terms octets of which one begins with the other', () => {
    fc.assert(
      fc.property(term, term, (a, b) => {
        const [first, second] = [termOctets(a), termOctets(b)];
        const same = a.kind === b.kind && a.value === b.value;
        expect(second.subarray(0, first.length).equals(first)).toBe(same);
      }),
    );
  });
});

describe('the rows of a term', () => {
  it('are those of that term, and all of them, whatever values and fingerprints hold', () => {
    fc.assert(
      fc.property(term, term, name, (searched, carried, octets) => {
        const range = postingRange(termOctets(searched), undefined);
        const key = indexKey(termOctets(carried), Buffer.from(octets));
        const { gt, lt } = range;
        const inside = gt !== undefined && lt !== undefined && key.compare(gt) > 0 && key.compare(lt) < 0;
        expect(inside).toBe(searched.kind === carried.kind && searched.value === carried.value);
        const read = readIndexKey(key);
        expect(read?.term.equals(termOctets(carried))).toBe(true);
        expect(read?.fingerprint.equals(octets)).toBe(true);
      }),
    );
  });

  it('after a fingerprint are those of greater ones', () => {
    fc.assert(
      fc.property(term, name, name, (carried, last, octets) => {
        const { gt, lt } = postingRange(termOctets(carried), Buffer.from(last));
        const key = indexKey(termOctets(carried), Buffer.from(octets));
        const inside = gt !== undefined && lt !== undefined && key.compare(gt) > 0 && key.compare(lt) < 0;
        expect(inside).toBe(Buffer.compare(octets, last) > 0);
      }),
    );
  });
});

describe('termSet', () => {
  it('is the same for the same terms in any order and number, and can be cut apart again', () => {
    fc.assert(
      fc.property(fc.array(term), fc.array(term), (some, more) => {
        const set = termSet([...some, ...more]);
        expect(termSet([...more, ...some, ...some])).toEqual(set);
        expect(splitTerms(Buffer.concat(set))).toEqual(set);
      }),
    );
  });

  it('cut short, or of a kind that is not known, is CORRUPT', () => {
    const octets = Buffer.concat(termSet([{ kind: 'word', value: 'abc' }]));
    for (let length = 1; length < octets.length; length += 1) {
      expect(() => splitTerms(octets.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'CORRUPT' }),
      );
      expect(() => readTerm(octets.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'CORRUPT' }),
      );
    }
    const unknown = Buffer.from(octets);
    unknown[0] = 0x7a;
    expect(() => readTerm(unknown)).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
  });
});
