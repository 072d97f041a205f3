import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fromHex, toHex } from '../../src/bytes/hex.ts';

describe('toHex', () => {
  it('writes two upper-case digits an octet', () => {
    expect(toHex(Uint8Array.of(0, 0x0a, 0xff))).toBe('000AFF');
  });

  it('writes the octets of a view, not of the memory behind it', () => {
    expect(toHex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toBe('0203');
  });
});

describe('fromHex', () => {
  it('reads what toHex writes, in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...(fromHex(toHex(bytes)) ?? [])]).toEqual([...bytes]);
        expect([...(fromHex(toHex(bytes).toLowerCase()) ?? [])]).toEqual([...bytes]);
      }),
    );
  });

  it.each(['0', '0x12', '1g', '12 34', '１２', '12\n'])('refuses %j', (digits) => {
    expect(fromHex(digits)).toBeUndefined();
  });
});
