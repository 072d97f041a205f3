import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ByteReader, OutOfBytes } from '../../src/bytes/reader.ts';
import { bitLength, readMpi, writeMpi } from '../../src/openpgp/mpi.ts';

const reader = (...octets: number[]): ByteReader => new ByteReader(Uint8Array.from(octets));

describe('readMpi', () => {
  it.each([
    { what: 'the integer 1', octets: [0, 1, 1], value: [1] },
    { what: 'the integer 511', octets: [0, 9, 1, 0xff], value: [1, 0xff] },
    { what: 'the integer 0', octets: [0, 0], value: [] },
    { what: 'U17: leading zero octets', octets: [0, 24, 0, 0, 5], value: [5] },
    { what: 'U17: nothing but zero octets', octets: [0, 16, 0, 0], value: [] },
    { what: 'U17: a bit count too large for the first octet', octets: [0, 8, 1], value: [1] },
    { what: 'U17: a bit count too small for the first octet', octets: [0, 1, 0xff], value: [0xff] },
  ])('reads $what', ({ octets, value }) => {
    const from = reader(...octets, 0xee);
    expect([...readMpi(from)]).toEqual(value);
    expect(from.left).toBe(1);
  });

  it('U17: throws OutOfBytes for a bit count that goes beyond the data', () => {
    expect(() => readMpi(reader(0, 9, 1))).toThrow(OutOfBytes);
    expect(() => readMpi(reader(0xff, 0xff, 1))).toThrow(OutOfBytes);
    expect(() => readMpi(reader(0))).toThrow(OutOfBytes);
  });
});

describe('bitLength', () => {
  it('counts the bits of an integer as its binary digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 1n << 256n }), (value) => {
        const hex = value.toString(16);
        const octets = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
        expect(bitLength(octets)).toBe(value.toString(2).length);
      }),
    );
  });

  it('is 0 for the integer 0', () => {
    expect(bitLength(new Uint8Array())).toBe(0);
  });

  it('U17: is that of the integer, not the one claimed', () => {
    expect(bitLength(readMpi(reader(0, 24, 0, 0, 5)))).toBe(3);
  });
});

describe('writeMpi', () => {
  it('writes what readMpi reads, in as few octets as there are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
        const integer = octets.subarray(octets.findIndex((octet) => octet !== 0));
        fc.pre(integer[0] !== 0);
        const written = writeMpi(integer);
        expect(written).toHaveLength(2 + integer.length);
        expect([...readMpi(new ByteReader(written))]).toEqual([...integer]);
      }),
    );
  });

  it('writes the exact count of bits', () => {
    expect([...writeMpi(Uint8Array.of(1, 0xff))]).toEqual([0, 9, 1, 0xff]);
    expect([...writeMpi(new Uint8Array())]).toEqual([0, 0]);
  });
});
