import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareBytes, concatBytes, equalBytes } from '../../src/bytes/compare.ts';

const octets = fc.uint8Array({ maxLength: 8 });

describe('compareBytes', () => {
  it.each([
    { a: [], b: [], sign: 0 },
    { a: [], b: [0], sign: -1 },
    { a: [1, 2], b: [1, 2, 0], sign: -1 },
    { a: [1, 255], b: [2], sign: -1 },
    { a: [0x80], b: [0x7f], sign: 1 },
  ])('orders $a and $b by their first difference, a prefix first', ({ a, b, sign }) => {
    expect(Math.sign(compareBytes(Uint8Array.from(a), Uint8Array.from(b)))).toBe(sign);
    expect(Math.sign(compareBytes(Uint8Array.from(b), Uint8Array.from(a)))).toBe(0 - sign);
  });

  it('orders octets as their hexadecimal digits are ordered', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    fc.assert(
      fc.property(octets, octets, (a, b) => {
        const byText = hex(a) < hex(b) ? -1 : hex(a) > hex(b) ? 1 : 0;
        expect(Math.sign(compareBytes(a, b))).toBe(byText);
      }),
    );
  });
});

describe('equalBytes', () => {
  it('is true for the same octets in different arrays, and for nothing else', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Buffer.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  });
});

describe('concatBytes', () => {
  it('puts the parts one after the other', () => {
    fc.assert(
      fc.property(fc.array(octets), (parts) => {
        expect([...concatBytes(parts)]).toEqual(parts.flatMap((part) => [...part]));
      }),
    );
  });

  it('makes a copy', () => {
    const part = Uint8Array.of(1);
    const whole = concatBytes([part]);
    part[0] = 2;
    expect([...whole]).toEqual([1]);
  });
});
