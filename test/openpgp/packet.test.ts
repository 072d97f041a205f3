import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readKeyring } from '../../src/openpgp/keyring.ts';
import { MAX_PACKETS } from '../../src/openpgp/limits.ts';
import { framePacket, framingOf, readPacketHeader, splitPackets } from '../../src/openpgp/packet.ts';
import { readPublicKey } from '../../src/openpgp/public-key.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { answersOrRefuses, damaged } from './damaged.ts';

const refusal = (code: string): unknown => expect.objectContaining({ name: 'OpenPgpError', code });

/** Lengths around which one form of a packet's length ends and the next begins. */
const BOUNDARIES = [0, 191, 192, 255, 256, 8383, 8384, 65_535, 65_536];
const lengths = fc
  .tuple(fc.constantFrom(...BOUNDARIES), fc.integer({ min: -2, max: 2 }))
  .map(([boundary, by]) => Math.max(0, boundary + by));
const legacyFraming = fc.record({ legacy: fc.constant(true), lengthOctets: fc.constantFrom(1, 2, 4) });
const currentFraming = fc.record({ legacy: fc.constant(false), lengthOctets: fc.constantFrom(1, 2, 5) });

describe('readPacketHeader', () => {
  it('reads what framePacket writes, whatever the format and the length', () => {
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 1, max: 63 }),
        fc.oneof(legacyFraming, currentFraming),
        (length, tag, framing) => {
          const { raw, body } = framePacket(tag, new Uint8Array(length), framing);
          const header = { tag, headerLength: raw.length - length, bodyLength: length };
          expect(readPacketHeader(raw, 0)).toEqual(header);
          expect(readPacketHeader(Buffer.concat([Buffer.of(0xff), raw]), 1)).toEqual(header);
          expect(body).toHaveLength(length);
        },
      ),
    );
  });

  it.each([
    { form: 'legacy, one octet', octets: [0x88, 0x05], tag: 2, bodyLength: 5 },
    { form: 'legacy, two octets', octets: [0x99, 0x01, 0x0d], tag: 6, bodyLength: 269 },
    {
      form: 'legacy, four octets',
      octets: [0x9a, 0xff, 0xff, 0xff, 0xff],
      tag: 6,
      bodyLength: 4_294_967_295,
    },
    { form: 'current, one octet', octets: [0xc2, 0xbf], tag: 2, bodyLength: 191 },
    { form: 'current, two octets', octets: [0xcd, 0xc5, 0xfb], tag: 13, bodyLength: 1723 },
    { form: 'current, five octets', octets: [0xff, 0xff, 0, 1, 0x86, 0xa0], tag: 63, bodyLength: 100_000 },
  ])('reads a length in the form: $form', ({ octets, tag, bodyLength }) => {
    const header = { tag, headerLength: octets.length, bodyLength };
    expect(readPacketHeader(Uint8Array.from(octets), 0)).toEqual(header);
  });

  it('is undefined when the octets end within the header, and only then', () => {
    const header = Uint8Array.of(0xc6, 0xff, 0, 0, 1, 0);
    for (let length = 0; length < header.length; length += 1) {
      expect(readPacketHeader(header.subarray(0, length), 0)).toBeUndefined();
    }
    expect(readPacketHeader(header, 0)).toEqual({ tag: 6, headerLength: 6, bodyLength: 256 });
    expect(readPacketHeader(header, header.length + 1)).toBeUndefined();
  });

  it.each([
    { what: 'an octet without the first bit', octets: [0x46, 0] },
    { what: 'the reserved type 0, current format', octets: [0xc0, 0] },
    { what: 'the reserved type 0, legacy format', octets: [0x80, 0] },
    { what: 'U13: an indeterminate length', octets: [0x9b, 0] },
    { what: 'U13: a partial length of one octet', octets: [0xc6, 0xe0, 0] },
    { what: 'U13: a partial length of a gigabyte', octets: [0xc6, 0xfe, 0] },
  ])('refuses $what', ({ octets }) => {
    expect(() => readPacketHeader(Uint8Array.from(octets), 0)).toThrow(refusal('BAD_PACKET'));
  });
});

describe('splitPackets', () => {
  it('gives type, body and raw octets of each packet, and nothing of nothing', () => {
    const octets = Uint8Array.of(0xcd, 2, 0x61, 0x62, 0xb4, 0, 0x88, 1, 4);
    const packets = splitPackets(octets).map(({ tag, body, raw }) => [tag, [...body], [...raw]]);
    expect(packets).toEqual([
      [13, [0x61, 0x62], [0xcd, 2, 0x61, 0x62]],
      [13, [], [0xb4, 0]],
      [2, [4], [0x88, 1, 4]],
    ]);
    expect(splitPackets(new Uint8Array())).toEqual([]);
  });

  it('gives back what framePacket put together', () => {
    const packet = fc.tuple(
      fc.integer({ min: 1, max: 63 }),
      fc.uint8Array(),
      fc.oneof(legacyFraming, currentFraming),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 6 }), (parts) => {
        const packets = parts.map(([tag, body, framing]) => framePacket(tag, body, framing));
        const octets = Buffer.concat(packets.map(({ raw }) => raw));
        const found = splitPackets(octets);
        expect(found.map(({ tag, body }) => [tag, [...body]])).toEqual(
          parts.map(([tag, body]) => [tag, [...body]]),
        );
        expect(found.map(framingOf)).toEqual(packets.map(framingOf));
      }),
    );
  });

  it('copies nothing', () => {
    const octets = Uint8Array.of(0xcd, 1, 0x61);
    expect(splitPackets(octets).map(({ body, raw }) => [body.buffer, raw.buffer])).toEqual([
      [octets.buffer, octets.buffer],
    ]);
  });

  it.each([
    { what: 'a body one octet short', octets: [0xc6, 3, 1, 2] },
    { what: 'a claim of 4 GiB, current format', octets: [0xc6, 0xff, 0xff, 0xff, 0xff, 0xff, 1] },
    { what: 'a claim of 4 GiB, legacy format', octets: [0x9a, 0xff, 0xff, 0xff, 0xff, 1] },
    { what: 'a header cut off', octets: [0xcd, 0, 0xc6] },
    { what: 'text after a packet', octets: [0xcd, 0, 0x0a] },
    { what: 'a partial length in a key packet', octets: [0xc6, 0xe1, 4, 0] },
  ])('U13: refuses $what', ({ octets }) => {
    expect(() => splitPackets(Uint8Array.from(octets))).toThrow(refusal('BAD_PACKET'));
  });

  it('U13: reads a packet of length zero', () => {
    expect(splitPackets(Uint8Array.of(0xc6, 0)).map(({ tag, body }) => [tag, body.length])).toEqual([[6, 0]]);
  });

  it('takes as many packets as the limit, and no more', () => {
    const empty = (count: number): Uint8Array => Buffer.alloc(count * 2, Buffer.of(0xcd, 0));
    expect(splitPackets(empty(MAX_PACKETS))).toHaveLength(MAX_PACKETS);
    expect(() => splitPackets(empty(MAX_PACKETS + 1))).toThrow(refusal('UPLOAD_TOO_LARGE'));
  });
});

describe('framePacket', () => {
  it('writes the length in the form asked for when it can hold it', () => {
    const octetsUsed = (legacy: boolean, lengthOctets: number, length: number): number =>
      framingOf(framePacket(2, new Uint8Array(length), { legacy, lengthOctets })).lengthOctets;
    expect([255, 256, 65_535, 65_536].map((length) => octetsUsed(true, 1, length))).toEqual([1, 2, 2, 4]);
    expect([191, 192, 8383, 8384].map((length) => octetsUsed(false, 1, length))).toEqual([1, 2, 2, 5]);
    expect([octetsUsed(true, 2, 3), octetsUsed(true, 4, 3), octetsUsed(false, 5, 3)]).toEqual([2, 4, 5]);
    expect(octetsUsed(false, 2, 3)).toBe(5);
  });

  it('writes types above 15 in the current format: the legacy one has no room for them', () => {
    const asked = { legacy: true, lengthOctets: 1 };
    expect(framingOf(framePacket(16, new Uint8Array(), asked)).legacy).toBe(false);
    expect(framingOf(framePacket(15, new Uint8Array(), asked)).legacy).toBe(true);
  });

  it('says how a packet was framed when it is framed again', () => {
    const packets = splitPackets(Uint8Array.of(0x88, 1, 4, 0x89, 0, 1, 4, 0xc2, 0xff, 0, 0, 0, 1, 4));
    const again = packets.map((one) => framePacket(one.tag, one.body, framingOf(one)));
    expect(again.map(({ raw }) => [...raw])).toEqual(packets.map(({ raw }) => [...raw]));
  });

  it('refuses a body that no length can hold', () => {
    // A real array of 4 GiB would only test the machine's memory.
    const huge = Object.create(Uint8Array.prototype, { length: { value: 2 ** 32 } }) as Uint8Array;
    expect(() => framePacket(2, huge, { legacy: true, lengthOctets: 1 })).toThrow(refusal('BAD_PACKET'));
  });

  it('writes four-octet lengths beyond 31 bits', () => {
    expect(readPacketHeader(Uint8Array.of(0xc2, 0xff, 0x80, 0, 0, 1), 0)?.bodyLength).toBe(2 ** 31 + 1);
  });
});

describe('the readers of packets', () => {
  const certificates = [makeCertificate(), makeCertificate(['a', 'b'], { version: 6 })];

  it.each(certificates)(
    'U12: read a damaged certificate or refuse it, and fail in no other way',
    ({ bytes }) => {
      fc.assert(
        fc.property(damaged(bytes), (octets) => {
          expect(answersOrRefuses(() => readKeyring(octets))).toBe(true);
          expect(answersOrRefuses(() => splitPackets(octets))).toBe(true);
        }),
        { numRuns: 500 },
      );
    },
  );

  it.each(certificates)(
    'U12: read a damaged packet or refuse it, and fail in no other way',
    ({ packets }) => {
      const bodies = fc
        .constantFrom(...packets)
        .chain(({ body, tag }) => damaged(body).map((octets) => ({ octets, tag })));
      fc.assert(
        fc.property(bodies, ({ octets, tag }) => {
          const packet = framePacket(tag, octets, { legacy: false, lengthOctets: 1 });
          expect(answersOrRefuses(() => readPublicKey(packet))).toBe(true);
          expect(answersOrRefuses(() => readSignature(packet))).toBe(true);
        }),
        { numRuns: 1000 },
      );
    },
  );

  it('U12: read any octets as packets or refuse them', () => {
    const packet = fc
      .tuple(fc.constantFrom(2, 6, 14), fc.constantFrom(3, 4, 5, 6), fc.uint8Array({ maxLength: 60 }))
      .map(([tag, version, rest]) =>
        framePacket(tag, Uint8Array.of(version, ...rest), { legacy: false, lengthOctets: 1 }),
      );
    fc.assert(
      fc.property(packet, (one) => {
        expect(answersOrRefuses(() => readPublicKey(one))).toBe(true);
        expect(answersOrRefuses(() => readSignature(one))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
