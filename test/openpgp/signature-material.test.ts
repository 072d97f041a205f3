import { describe, expect, it } from 'vitest';

import { canonicalTail } from '../../src/openpgp/signature-material.ts';

const PREFIX = [0xab, 0xcd];
const canonical = (version: number, algorithm: number, ...tail: number[]): number[] => [
  ...canonicalTail(version, algorithm, Uint8Array.from(tail)),
];

describe('canonicalTail', () => {
  it.each([
    { what: 'a bit count too large', tail: [0, 8, 1, 0, 1, 1] },
    { what: 'a bit count too small for the octet', tail: [0, 1, 1, 0, 1, 1] },
    { what: 'leading zero octets', tail: [0, 1, 1, 0, 24, 0, 0, 1] },
  ])('U17: rights integers with $what', ({ tail }) => {
    expect(canonical(4, 22, ...PREFIX, ...tail)).toEqual([...PREFIX, 0, 1, 1, 0, 1, 1]);
  });

  it.each([1, 3])('rights the one integer of RSA (algorithm %i)', (algorithm) => {
    expect(canonical(4, algorithm, ...PREFIX, 0, 16, 0, 5)).toEqual([...PREFIX, 0, 3, 5]);
  });

  it('leaves the salt of version 6 as it is', () => {
    expect(canonical(6, 19, ...PREFIX, 2, 0, 8, 0, 8, 1, 0, 8, 1)).toEqual([
      ...PREFIX,
      2,
      0,
      8,
      0,
      1,
      1,
      0,
      1,
      1,
    ]);
  });

  it('changes nothing that is right', () => {
    const tail = [...PREFIX, 0, 9, 1, 0xff, 0, 0];
    expect(canonical(4, 17, ...tail)).toEqual(tail);
  });

  it.each([
    { what: 'octets after the integers', version: 4, algorithm: 1, tail: [...PREFIX, 0, 8, 1, 9] },
    { what: 'an integer cut off', version: 4, algorithm: 22, tail: [...PREFIX, 0, 8, 1] },
    { what: 'a salt cut off', version: 6, algorithm: 22, tail: [...PREFIX, 9, 1] },
    { what: 'nothing', version: 4, algorithm: 1, tail: [] },
    { what: 'a signature that is not of integers', version: 4, algorithm: 27, tail: [...PREFIX, 0, 8, 1] },
    { what: 'a signature of an unknown algorithm', version: 4, algorithm: 99, tail: [...PREFIX, 0, 8, 1] },
  ])('leaves $what alone', ({ version, algorithm, tail }) => {
    expect(canonical(version, algorithm, ...tail)).toEqual(tail);
  });
});
