import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { framePacket, framingOf } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { sksDigest } from '../../src/openpgp/sks-digest.ts';
import { keyring, makeCertificate } from '../fixtures/test-key.ts';

const digestOf = (packets: Packet[]): string => sksDigest(parseCertificate(keyring(...packets)));

/** SKS's rule in other words: sorting the hexadecimal of type and body, then hashing type, length, body. */
function expected(packets: Packet[]): string {
  const word = (value: number): string => value.toString(16).padStart(8, '0');
  const sorted = packets
    .map(({ tag, body }) => ({
      tag: word(tag),
      length: word(body.length),
      body: Buffer.from(body).toString('hex'),
    }))
    .toSorted((a, b) => (a.tag + a.body < b.tag + b.body ? -1 : 1));
  const hex = sorted.map(({ tag, length, body }) => tag + length + body).join('');
  return createHash('md5').update(Buffer.from(hex, 'hex')).digest('hex');
}

describe('sksDigest', () => {
  it('is the MD5 of the sorted packets, in lower case', () => {
    const { packets } = makeCertificate(['Bob', 'Alice']);
    expect(digestOf(packets)).toBe(expected(packets));
    expect(digestOf(packets)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is the same for the same packets in another order', () => {
    const [key, alice, onAlice, bob, onBob, ...rest] = makeCertificate(['Alice', 'Bob']).packets as [
      Packet,
      Packet,
      Packet,
      Packet,
      Packet,
      ...Packet[],
    ];
    expect(digestOf([key, bob, onBob, alice, onAlice, ...rest])).toBe(
      digestOf([key, alice, onAlice, bob, onBob, ...rest]),
    );
  });

  it('is the same for packets with other headers', () => {
    const { packets } = makeCertificate();
    const long = packets.map(({ tag, body }) => framePacket(tag, body, { legacy: true, lengthOctets: 4 }));
    expect(long.map(framingOf)).not.toEqual(packets.map(framingOf));
    expect(digestOf(long)).toBe(digestOf(packets));
  });

  it('is another one when anything is added', () => {
    const { packets, key } = makeCertificate();
    const [primary, ...rest] = packets as [Packet, ...Packet[]];
    expect(digestOf([primary, key.direct(), ...rest])).not.toBe(digestOf(packets));
  });
});
