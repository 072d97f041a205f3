import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readChange, writeChange } from '../../src/keystore/row-layout.ts';
import {
  readTombstone,
  requiredTombstone,
  tombstoneKey,
  writeTombstone,
} from '../../src/keystore/tombstone-row.ts';
import { failureCode } from './failure-code.ts';

const octets = fc
  .uint8Array({ minLength: 20, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes.length === 32 ? bytes : bytes.subarray(0, 20)));

describe('the row of a tombstone', () => {
  it('gives back what was written (property)', () => {
    const by = fc.constantFrom('operator', 'owner');
    const reason = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(octets, fc.nat(2 ** 48 - 1), by, reason, (name, time, who, why) => {
        const fingerprint = name.toString('hex').toUpperCase();
        const one = requiredTombstone({ fingerprint, time, by: who, reason: why });
        expect(readTombstone(tombstoneKey(name), writeTombstone(one))).toEqual(one);
      }),
    );
  });

  it('is read, or is CORRUPT, whatever it holds (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (key, value) => {
        expect([undefined, 'CORRUPT']).toContain(
          failureCode(() => readTombstone(Buffer.from(key), Buffer.from(value))),
        );
      }),
    );
  });
});

describe('a row of the change log', () => {
  it('gives back what was written, with a digest where there are new bytes (property)', () => {
    const kinds = fc.constantFrom('inserted', 'updated', 'removed', 'unblocked');
    fc.assert(
      fc.property(octets, fc.nat(2 ** 48 - 1), kinds, (name, time, kind) => {
        const digest = kind === 'inserted' || kind === 'updated' ? Buffer.alloc(32, 7) : undefined;
        expect(readChange(5, writeChange(time, kind, digest, name))).toStrictEqual({
          sequence: 5,
          time,
          kind,
          fingerprint: name.toString('hex').toUpperCase(),
          fingerprintOctets: name,
          ...(digest && { digest: digest.toString('hex') }),
        });
      }),
    );
  });

  it('is read, or is CORRUPT, whatever it holds (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (value) => {
        expect([undefined, 'CORRUPT']).toContain(failureCode(() => readChange(1, Buffer.from(value))));
      }),
    );
  });
});
