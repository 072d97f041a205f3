import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { crc24 } from '../../src/openpgp/crc24.ts';

const octets = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('crc24', () => {
  it('gives the check value of CRC-24/OPENPGP for the digits 1 to 9', () => {
    expect(crc24(octets('123456789')).toString(16)).toBe('21cf02');
  });

  it('begins with the initial value of RFC 9580 §6.1.1', () => {
    expect(crc24(octets(''))).toBe(0xb704ce);
  });

  it('is the remainder that is found bit by bit, whatever the length', () => {
    const bitwise = (bytes: Uint8Array): number => {
      let crc = 0xb704ce;
      for (const octet of bytes) {
        crc ^= octet << 16;
        for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x800000 ? (crc << 1) ^ 0x1864cfb : crc << 1;
      }
      return crc;
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(crc24(bytes)).toBe(bitwise(bytes));
      }),
    );
  });

  it('fits 24 bits for long data', () => {
    const crc = crc24(Buffer.alloc(100_000, 0xff));
    expect(crc).toBeGreaterThanOrEqual(0);
    expect(crc).toBeLessThan(2 ** 24);
  });
});
