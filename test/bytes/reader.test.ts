import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ByteReader, OutOfBytes } from '../../src/bytes/reader.ts';

describe('ByteReader', () => {
  it('reads big-endian integers of one to four octets', () => {
    const reader = new ByteReader(Uint8Array.of(1, 1, 2, 1, 2, 3, 0xff, 0xff, 0xff, 0xff));
    expect(reader.uint(1)).toBe(1);
    expect(reader.uint(2)).toBe(0x0102);
    expect(reader.uint(3)).toBe(0x010203);
    expect(reader.uint(4)).toBe(4_294_967_295);
    expect(reader.left).toBe(0);
  });

  it('says where it is and how much is left', () => {
    const reader = new ByteReader(Uint8Array.of(9, 8, 7), 1);
    expect([reader.position, reader.left]).toEqual([1, 2]);
    expect(reader.octet()).toBe(8);
    expect([reader.position, reader.left]).toEqual([2, 1]);
  });

  it('looks at an absolute position without moving', () => {
    const reader = new ByteReader(Uint8Array.of(9, 8, 7), 2);
    expect(reader.octetAt(0)).toBe(9);
    expect(reader.position).toBe(2);
    expect(() => reader.octetAt(3)).toThrow(OutOfBytes);
  });

  it('takes views of the data, not copies', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const reader = new ByteReader(bytes);
    const first = reader.take(2);
    const rest = reader.rest();
    expect([[...first], [...rest]]).toEqual([[1, 2], [3]]);
    expect(first.buffer).toBe(bytes.buffer);
    expect(reader.rest()).toHaveLength(0);
  });

  it('throws OutOfBytes for whatever is not there, and stays where it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 1, max: 2 ** 32 }), (bytes, beyond) => {
        const reader = new ByteReader(bytes);
        expect(() => reader.take(bytes.length + beyond)).toThrow(OutOfBytes);
        expect(reader.position).toBe(0);
        reader.rest();
        expect(() => reader.octet()).toThrow(OutOfBytes);
        expect(() => reader.uint(4)).toThrow(OutOfBytes);
        expect(reader.position).toBe(bytes.length);
      }),
    );
  });
});
