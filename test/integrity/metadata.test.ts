import fc from 'fast-check';
import { expect, test } from 'vitest';

import { DIGESTS, parseDigest } from '../../src/integrity/digest.ts';
import type { Digest, DigestName } from '../../src/integrity/digest.ts';
import { readMetadata, writeMetadata } from '../../src/integrity/metadata.ts';
import type { ImageMetadata } from '../../src/integrity/metadata.ts';

const names = Object.keys(DIGESTS) as DigestName[];
const digest: fc.Arbitrary<Digest> = fc
  .constantFrom(...names)
  .chain((name) =>
    fc
      .uint8Array({ minLength: DIGESTS[name].octets, maxLength: DIGESTS[name].octets })
      .map((octets) => ({ name, hex: Buffer.from(octets).toString('hex') })),
  );
const metadata: fc.Arbitrary<ImageMetadata> = fc.record({
  header: digest,
  objects: fc
    .uniqueArray(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1, maxLength: 8 })
    .chain((ids) =>
      fc.tuple(
        ...ids
          .toSorted((a, b) => a - b)
          .map((relativeId) =>
            fc.record({ relativeId: fc.constant(relativeId), descriptor: digest, content: digest }),
          ),
      ),
    ),
});

test('what is written is read again', () => {
  fc.assert(
    fc.property(metadata, (one) => {
      expect(readMetadata(writeMetadata(one))).toEqual(one);
    }),
  );
});

test('CVE-2021-41190 CVE-2024-3727: a text has one meaning: changed in any character, it says something else or nothing', () => {
  fc.assert(
    fc.property(metadata, fc.nat(), fc.string({ minLength: 0, maxLength: 2 }), (one, at, put) => {
      const text = writeMetadata(one);
      const place = at % text.length;
      const changed = text.slice(0, place) + put + text.slice(place + 1);
      const read = readMetadata(changed);
      if (typeof read === 'string') return;
      expect(changed.replace(/[ \t\r\n]+/g, '')).toBe(writeMetadata(read));
    }),
  );
});

test('any text is read or refused in words', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(typeof readMetadata(text)).toBe('string');
    }),
  );
});

test('digests of other names, lengths and letters are none', () => {
  const hex = 'ab'.repeat(32);
  expect(parseDigest(`sha256:${hex}`)).toEqual({ name: 'sha256', hex });
  for (const text of [
    hex,
    `sha256:${hex}00`,
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    `sha256:${hex}:`,
    `toString:${hex}`,
    `md5:${'ab'.repeat(16)}`,
    '',
  ]) {
    expect(parseDigest(text)).toBeUndefined();
  }
});
