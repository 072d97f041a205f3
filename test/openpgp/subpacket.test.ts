import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OutOfBytes } from '../../src/bytes/reader.ts';
import { hasUnknownCritical, readSubpackets } from '../../src/openpgp/subpacket.ts';
import { sub } from '../fixtures/test-key.ts';

const read = (...octets: number[]): ReturnType<typeof readSubpackets> =>
  readSubpackets(Uint8Array.from(octets));

describe('readSubpackets', () => {
  it('reads type, criticality, body and raw octets of each', () => {
    expect(read(2, 0x99, 1, 1, 2)).toEqual([
      { type: 25, critical: true, body: Uint8Array.of(1), raw: Uint8Array.of(2, 0x99, 1) },
      { type: 2, critical: false, body: new Uint8Array(), raw: Uint8Array.of(1, 2) },
    ]);
    expect(read()).toEqual([]);
  });

  it('reads lengths of one, two and five octets around each boundary', () => {
    for (const length of [1, 191, 192, 223, 224, 8383, 8384, 16_319, 65_000]) {
      const body = new Uint8Array(length - 1).fill(7);
      const [one, ...others] = readSubpackets(sub(20, body));
      expect(others).toEqual([]);
      expect(one?.body).toHaveLength(length - 1);
    }
  });

  it('reads first octets of 224 to 254 as two-octet lengths, which in packets are partial ones', () => {
    const length = ((254 - 192) << 8) + 255 + 192;
    const [one] = readSubpackets(Buffer.concat([Buffer.of(254, 255, 20), Buffer.alloc(length - 1, 5)]));
    expect(length).toBe(16_319);
    expect(one?.body).toHaveLength(length - 1);
  });

  it('reads a length in a longer form than needed', () => {
    expect(read(0xff, 0, 0, 0, 2, 25, 1)).toMatchObject([{ type: 25, body: Uint8Array.of(1) }]);
  });

  it('gives back any list of subpackets', () => {
    const any = fc.record({
      type: fc.nat({ max: 127 }),
      critical: fc.boolean(),
      body: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (list) => {
        const area = Buffer.concat(list.map(({ type, body, critical }) => sub(type, body, critical)));
        const found = readSubpackets(area);
        const plain = found.map(({ type, critical, body }) => ({
          type,
          critical,
          body: Uint8Array.from(body),
        }));
        expect(plain).toEqual(list.map((one) => ({ ...one, body: Uint8Array.from(one.body) })));
        expect(Buffer.concat(found.map(({ raw }) => raw))).toEqual(area);
      }),
    );
  });

  it('refuses a subpacket without a type', () => {
    expect(() => read(2, 25, 1, 0)).toThrow(expect.objectContaining({ code: 'BAD_PACKET' }));
  });

  it.each([[[3, 25, 1]], [[192]], [[230]], [[255, 0, 0]], [[255, 255, 255, 255, 255, 1]]])(
    'throws OutOfBytes for %j, which is cut off',
    (octets) => {
      expect(() => read(...octets)).toThrow(OutOfBytes);
    },
  );
});

describe('hasUnknownCritical', () => {
  const critical = (type: number, flag = true): boolean =>
    hasUnknownCritical(readSubpackets(sub(type, [1], flag)));

  it('is true for critical types that no specification gives a meaning', () => {
    for (const type of [0, 1, 8, 10, 13, 19, 36, 41, 100, 110, 127])
      expect([type, critical(type)]).toEqual([type, true]);
  });

  it('is false for those types when they are not critical', () => {
    for (const type of [0, 10, 36, 100, 127]) expect(critical(type, false)).toBe(false);
  });

  it('is false for types that mean something', () => {
    for (const type of [2, 3, 4, 7, 9, 12, 16, 20, 25, 27, 29, 32, 33, 35, 37, 39])
      expect(critical(type)).toBe(false);
  });
});
