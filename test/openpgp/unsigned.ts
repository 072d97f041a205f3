import { framePacket, SIGNATURE } from '../../src/openpgp/packet.ts';
import type { Framing, Packet } from '../../src/openpgp/packet.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import type { Signature } from '../../src/openpgp/signature.ts';
import { EPOCH, sub } from '../fixtures/test-key.ts';

export interface Unsigned {
  version?: number;
  type?: number;
  algorithm?: number;
  /** Hashed subpackets; a creation time is put before them. */
  hashed?: Uint8Array[];
  unhashed?: Uint8Array[];
  created?: Uint8Array;
  tail?: Uint8Array;
  framing?: Framing;
}

const uint = (value: number, octets: number): Buffer => {
  const buffer = Buffer.alloc(octets);
  buffer.writeUIntBE(value, 0, octets);
  return buffer;
};

/** A well-formed signature packet that nobody made: for what is read from signatures without verifying. */
export function unsignedPacket(options: Unsigned = {}): Packet {
  const { version = 4, type = 0x13, algorithm = 22, framing = { legacy: false, lengthOctets: 1 } } = options;
  const width = version === 6 ? 4 : 2;
  const hashed = Buffer.concat([options.created ?? sub(2, uint(EPOCH, 4)), ...(options.hashed ?? [])]);
  const unhashed = Buffer.concat(options.unhashed ?? []);
  const body = Buffer.concat([
    Buffer.of(version, type, algorithm, 8),
    uint(hashed.length, width),
    hashed,
    uint(unhashed.length, width),
    unhashed,
    options.tail ?? Buffer.of(0xab, 0xcd, 0, 1, 1, 0, 1, 1),
  ]);
  return framePacket(SIGNATURE, body, framing);
}

export function unsigned(options: Unsigned = {}): Signature {
  return readSignature(unsignedPacket(options));
}
