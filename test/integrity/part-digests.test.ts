import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { PartDigests } from '../../src/integrity/part-digests.ts';

const hex = (name: string, octets: Uint8Array): string => createHash(name).update(octets).digest('hex');

/** Lengths of gaps and parts, one after the other. */
const layout = fc.array(fc.tuple(fc.nat(20), fc.nat(40)), { maxLength: 6 });

test('digests of parts are those of their octets, however the file comes in pieces', () => {
  fc.assert(
    fc.property(layout, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (parts, pieces) => {
      let end = 0;
      const placed = parts.map(([gap, size]) => {
        const offset = end + gap;
        end = offset + size;
        return { offset, size, names: ['sha256', 'sha512'] as const };
      });
      const file = Buffer.from(Array.from({ length: end + 7 }, (_, i) => (i * 31) % 251));
      const digests = new PartDigests(placed);
      for (let start = 0, i = 0; start < file.length; i += 1) {
        const length = pieces[i % pieces.length] ?? 1;
        digests.take(file.subarray(start, start + length));
        start += length;
      }
      expect(digests.hex()).toEqual(
        placed.map(({ offset, size }) => {
          const octets = file.subarray(offset, offset + size);
          return [hex('sha256', octets), hex('sha512', octets)];
        }),
      );
    }),
  );
});
