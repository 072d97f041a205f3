import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  documentKey,
  kindRange,
  readDocument,
  requiredKind,
  requiredName,
  requiredValue,
  writeDocument,
} from '../../src/keystore/document-row.ts';
import { failureCode } from './failure-code.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });

describe('the row of a document', () => {
  it('gives back what was written (property)', () => {
    fc.assert(
      fc.property(name, name, fc.jsonValue(), fc.nat(2 ** 48 - 1), (kind, id, value, version) => {
        const row = writeDocument(version, requiredValue(value));
        const read = readDocument(documentKey(requiredName(kind, id)), row);
        expect(read).toEqual({ kind, id, value: JSON.parse(JSON.stringify(value)), version });
      }),
    );
  });

  it('is in the range of its kind, and in that of no other (property)', () => {
    fc.assert(
      fc.property(name, name, name, (kind, id, other) => {
        const key = documentKey(requiredName(kind, id));
        const { gt = key, lt = key } = kindRange(requiredKind(other));
        const within = Buffer.compare(gt, key) < 0 && Buffer.compare(key, lt) < 0;
        expect(within).toBe(kind === other);
      }),
    );
  });

  it('is read, or is CORRUPT, whatever it holds (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (key, value) => {
        expect([undefined, 'CORRUPT']).toContain(
          failureCode(() => readDocument(Buffer.from(key), Buffer.from(value))),
        );
      }),
    );
  });
});
