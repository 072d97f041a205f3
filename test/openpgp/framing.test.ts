import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { joinPackets, joinSignatures, reduceSignature } from '../../src/openpgp/framing.ts';
import { MAX_ISSUER_CLAIMS } from '../../src/openpgp/limits.ts';
import { framePacket, framingOf, USER_ID } from '../../src/openpgp/packet.ts';
import type { Framing, Packet } from '../../src/openpgp/packet.ts';
import type { Signature } from '../../src/openpgp/signature.ts';
import { sub } from '../fixtures/test-key.ts';
import { unsigned } from './unsigned.ts';

const framings: Framing[] = [
  ...[1, 2, 4].map((lengthOctets) => ({ legacy: true, lengthOctets })),
  ...[1, 2, 5].map((lengthOctets) => ({ legacy: false, lengthOctets })),
];
const framing = fc.constantFrom(...framings);
const hex = (packet: Packet): string => Buffer.from(packet.raw).toString('hex');

const ISSUER = sub(16, [1, 2, 3, 4, 5, 6, 7, 8]);
const OTHER_ISSUER = sub(16, [8, 7, 6, 5, 4, 3, 2, 1]);
const ISSUER_FINGERPRINT = sub(33, [4, ...new Uint8Array(20).fill(9)]);
const EMBEDDED = sub(32, new Uint8Array(60).fill(3));
const MEDIUM_EMBEDDED = sub(32, new Uint8Array(300).fill(4));
const LONG_EMBEDDED = sub(32, new Uint8Array(9000).fill(4));
const CRITICAL_ISSUER = sub(16, [1, 2, 3, 4, 5, 6, 7, 8], true);
/** The same as ISSUER, its length in five octets. */
const WIDE_ISSUER = Buffer.concat([Buffer.of(255, 0, 0, 0), ISSUER]);

/** One signature as it may come: any header, any of the unhashed subpackets, in any order, repeated. */
const variant = (version: number): fc.Arbitrary<Signature> =>
  fc
    .record({
      framing,
      unhashed: fc.array(
        fc.constantFrom(
          ISSUER,
          OTHER_ISSUER,
          ISSUER_FINGERPRINT,
          EMBEDDED,
          MEDIUM_EMBEDDED,
          LONG_EMBEDDED,
          CRITICAL_ISSUER,
          WIDE_ISSUER,
        ),
        { maxLength: 6 },
      ),
    })
    .map((options) => unsigned({ ...options, version }));

const reduced = (signature: Signature): Signature => reduceSignature(signature, (one) => one);
const packets = fc.tuple(fc.constantFrom(3, 191, 200, 300, 9000), framing, framing, framing);

describe('joinPackets', () => {
  it('is commutative, associative and idempotent over the headers of one packet', () => {
    fc.assert(
      fc.property(packets, ([length, ...each]) => {
        const [a, b, c] = each.map((one) => framePacket(USER_ID, new Uint8Array(length), one)) as [
          Packet,
          Packet,
          Packet,
        ];
        expect(hex(joinPackets(a, b))).toBe(hex(joinPackets(b, a)));
        expect(hex(joinPackets(joinPackets(a, b), c))).toBe(hex(joinPackets(a, joinPackets(b, c))));
        expect(joinPackets(a, a)).toBe(a);
        expect([a, b]).toContain(joinPackets(a, b));
      }),
    );
  });

  it('prefers the legacy format, then the shorter length', () => {
    const [legacy, legacyLong, current, currentLong] = [
      { legacy: true, lengthOctets: 1 },
      { legacy: true, lengthOctets: 4 },
      { legacy: false, lengthOctets: 1 },
      { legacy: false, lengthOctets: 5 },
    ].map((one) => framePacket(USER_ID, Buffer.from('a'), one)) as [Packet, Packet, Packet, Packet];
    expect(joinPackets(legacyLong, current)).toBe(legacyLong);
    expect(joinPackets(legacyLong, legacy)).toBe(legacy);
    expect(joinPackets(currentLong, current)).toBe(current);
  });
});

describe.each([4, 6])('joinSignatures of version %i', (version) => {
  const one = variant(version);

  it('is commutative and associative over all variants of one signature', () => {
    fc.assert(
      fc.property(one, one, one, (a, b, c) => {
        expect(hex(joinSignatures(a, b).packet)).toBe(hex(joinSignatures(b, a).packet));
        const left = joinSignatures(joinSignatures(a, b), c);
        expect(hex(left.packet)).toBe(hex(joinSignatures(a, joinSignatures(b, c)).packet));
      }),
    );
  });

  it('is idempotent over reduced variants, and absorbs what was joined before', () => {
    fc.assert(
      fc.property(one.map(reduced), one.map(reduced), (a, b) => {
        expect(joinSignatures(a, a)).toBe(a);
        const both = joinSignatures(a, b);
        expect(joinSignatures(both, a)).toBe(both);
        expect(joinSignatures(both, b)).toBe(both);
        expect(reduced(both)).toBe(both);
      }),
    );
  });

  it('gives a packet that reads as what it says it is, with the signed octets untouched', () => {
    fc.assert(
      fc.property(one, one, (a, b) => {
        const both = joinSignatures(a, b);
        expect(both.packet.body).toEqual(
          both.packet.raw.subarray(both.packet.raw.length - both.packet.body.length),
        );
        expect(Buffer.from(both.hashedPart)).toEqual(Buffer.from(a.hashedPart));
        expect(Buffer.from(both.tail)).toEqual(Buffer.from(b.tail));
        const had = [...a.unhashed, ...b.unhashed].map(
          ({ type, body }) => `${type} ${Buffer.from(body).toString('hex')}`,
        );
        const has = both.unhashed.map(({ type, body }) => `${type} ${Buffer.from(body).toString('hex')}`);
        expect(has.toSorted()).toEqual([...new Set(had)].toSorted());
      }),
    );
  });
});

describe('of too many claims of an issuer', () => {
  const issuers = (from: number, count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => sub(16, [0, 0, 0, 0, 0, 0, (from + i) >> 8, (from + i) & 0xff]));

  it('the same ones stay whatever the order of the joins', () => {
    const some = fc
      .integer({ min: 0, max: 60 })
      .map((from) => reduced(unsigned({ unhashed: [...issuers(from, 12), EMBEDDED] })));
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const left = joinSignatures(joinSignatures(a, b), c);
        expect(hex(left.packet)).toBe(hex(joinSignatures(c, joinSignatures(b, a)).packet));
        expect(left.unhashed.length).toBeLessThanOrEqual(MAX_ISSUER_CLAIMS + 1);
        expect(left.unhashed.at(-1)?.type).toBe(32);
        expect(joinSignatures(left, a)).toBe(left);
      }),
    );
  });

  it('the limit is on issuers alone', () => {
    const embedded = Array.from({ length: 2 * MAX_ISSUER_CLAIMS }, (_, i) => sub(32, [4, i]));
    expect(reduced(unsigned({ unhashed: embedded })).unhashed).toHaveLength(embedded.length);
  });

  it('U26 U27: a flood of variants grows no further than the limit', () => {
    const variants = issuers(0, 7000).map((one) => unsigned({ unhashed: [one, ISSUER_FINGERPRINT] }));
    const joined = variants.reduce(joinSignatures);
    expect(joined.unhashed).toHaveLength(MAX_ISSUER_CLAIMS + 1);
    const stuffed = reduced(unsigned({ unhashed: issuers(0, 6000) }));
    expect(stuffed.unhashed).toHaveLength(MAX_ISSUER_CLAIMS);
  });
});

describe('reduceSignature', () => {
  it('orders subpackets by type and content, each once, not critical, with short lengths', () => {
    const tiny = sub(32, [4]);
    const unhashed = [ISSUER_FINGERPRINT, tiny, OTHER_ISSUER, WIDE_ISSUER, CRITICAL_ISSUER, ISSUER];
    const { unhashed: found } = reduced(unsigned({ unhashed }));
    expect(Buffer.concat(found.map(({ raw }) => raw))).toEqual(
      Buffer.concat([ISSUER, OTHER_ISSUER, tiny, ISSUER_FINGERPRINT]),
    );
  });

  it('U27: keeps what it is told to keep, and frames the rest as shortly as it can be', () => {
    const stuffed = unsigned({
      unhashed: [sub(20, new Uint8Array(60_000)), ISSUER],
      framing: { legacy: false, lengthOctets: 5 },
    });
    const small = reduceSignature(stuffed, (one) => (one.type === 16 ? one : undefined));
    expect(small.unhashed.map(({ type }) => type)).toEqual([16]);
    expect(framingOf(small.packet)).toEqual({ legacy: false, lengthOctets: 1 });
    expect(small.packet.raw).toEqual(reduced(unsigned({ unhashed: [ISSUER] })).packet.raw);
  });

  it('puts in what it is given in the place of a subpacket', () => {
    const signature = unsigned({ unhashed: [EMBEDDED] });
    const replaced = reduceSignature(signature, (one) => ({ ...one, body: Uint8Array.of(7) }));
    expect(replaced.unhashed.map(({ type, body }) => [type, ...body])).toEqual([[32, 7]]);
  });

  it('returns the signature itself when there is nothing to change, whatever its header', () => {
    for (const each of framings) {
      const signature = unsigned({ unhashed: [ISSUER, ISSUER_FINGERPRINT], framing: each });
      expect(reduced(signature)).toBe(signature);
    }
  });

  it('U17: rights the integers of the signature proper', () => {
    const wrong = unsigned({ tail: Buffer.of(0xab, 0xcd, 0, 8, 1, 0, 24, 0, 0, 1) });
    expect([...reduced(wrong).tail]).toEqual([0xab, 0xcd, 0, 1, 1, 0, 1, 1]);
  });
});
