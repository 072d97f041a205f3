/*
 * Packet framing (RFC 9580 §4.2) for keyrings: both formats and all definite lengths. Partial and
 * indeterminate lengths belong to data packets only (§4.2.1.4) and are refused.
 */
import { concatBytes } from '../bytes/compare.ts';
import { ByteReader, uint32At } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';
import { MAX_PACKETS } from './limits.ts';

/** Packet type IDs (RFC 9580 §5) that have a place in, or near, a keyring. */
export const SIGNATURE = 2;
export const SECRET_KEY = 5;
export const PUBLIC_KEY = 6;
export const SECRET_SUBKEY = 7;
export const MARKER = 10;
export const TRUST = 12;
export const USER_ID = 13;
export const PUBLIC_SUBKEY = 14;
export const USER_ATTRIBUTE = 17;
export const PADDING = 21;

/** One packet of a keyring. `raw` is the packet as it came, header and body. */
export interface Packet {
  /** Packet type ID, 1 to 63. */
  readonly tag: number;
  readonly body: Uint8Array;
  readonly raw: Uint8Array;
}

export interface PacketHeader {
  readonly tag: number;
  readonly headerLength: number;
  readonly bodyLength: number;
}

/**
 * The header that begins at `offset`, or undefined when `bytes` ends within it. Says nothing about whether
 * the body is there. Throws `BAD_PACKET`.
 */
export function readPacketHeader(bytes: Uint8Array, offset: number): PacketHeader | undefined {
  const first = bytes[offset];
  if (first === undefined) return undefined;
  if (first < 0x80) throw new OpenPgpError('BAD_PACKET', `no OpenPGP packet begins at octet ${offset}`);
  const current = (first & 0x40) !== 0;
  const tag = current ? first & 0x3f : (first >> 2) & 0x0f;
  if (tag === 0) throw new OpenPgpError('BAD_PACKET', `a packet of the reserved type 0 at octet ${offset}`);
  const at = offset + 1;
  if (current && at >= bytes.length) return undefined;
  const lengthOctets = current ? currentLengthOctets(bytes[at] ?? 0) : LEGACY_LENGTH_OCTETS[first & 0x03];
  if (lengthOctets === undefined) {
    throw new OpenPgpError('BAD_PACKET', `a packet of partial or indeterminate length at octet ${offset}`);
  }
  if (at + lengthOctets > bytes.length) return undefined;
  const bodyLength = current ? currentLength(bytes, at) : legacyLength(bytes, at, first & 0x03);
  return { tag, headerLength: 1 + lengthOctets, bodyLength };
}

/** RFC 9580 §4.2.1, by the first octet. Undefined: a partial length. */
function currentLengthOctets(first: number): 1 | 2 | 5 | undefined {
  if (first < 192) return 1;
  if (first < 224) return 2;
  return first === 255 ? 5 : undefined;
}

/** What those octets say, which are there. */
function currentLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 192) return first;
  if (first < 224) return ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192;
  return uint32At(bytes, at + 1);
}

/** RFC 9580 §4.2.2, by the type of the length; the last is indeterminate. */
const LEGACY_LENGTH_OCTETS = [1, 2, 4, undefined] as const;

function legacyLength(bytes: Uint8Array, at: number, type: number): number {
  if (type === 2) return uint32At(bytes, at);
  const first = bytes[at] ?? 0;
  return type === 0 ? first : (first << 8) | (bytes[at + 1] ?? 0);
}

/** All packets of `bytes`. Throws `BAD_PACKET`, and `UPLOAD_TOO_LARGE` past `MAX_PACKETS`. */
export function splitPackets(bytes: Uint8Array): Packet[] {
  const packets: Packet[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const header = readPacketHeader(bytes, offset);
    const start = offset + (header?.headerLength ?? 0);
    if (header === undefined || header.bodyLength > bytes.length - start) {
      throw new OpenPgpError('BAD_PACKET', `the packet at octet ${offset} is cut off`);
    }
    const end = start + header.bodyLength;
    packets.push({ tag: header.tag, body: bytes.subarray(start, end), raw: bytes.subarray(offset, end) });
    if (packets.length > MAX_PACKETS) {
      throw new OpenPgpError(
        'UPLOAD_TOO_LARGE',
        `more than ${MAX_PACKETS} packets; use "vouch keystore load" for dumps`,
      );
    }
    offset = end;
  }
  return packets;
}

/** How a packet's header is written, apart from its length. */
export interface Framing {
  readonly legacy: boolean;
  /** Octets the length takes at least: 1, 2 or 4 (legacy), 1, 2 or 5. */
  readonly lengthOctets: number;
}

export function framingOf(packet: Packet): Framing {
  return {
    legacy: (new ByteReader(packet.raw).octet() & 0x40) === 0,
    lengthOctets: packet.raw.length - packet.body.length - 1,
  };
}

/** A packet with this body, its length in the form asked for or the next longer one that can hold it. */
export function framePacket(tag: number, body: Uint8Array, framing: Framing): Packet {
  const legacy = framing.legacy && tag < 16;
  const form = (legacy ? LEGACY_LENGTHS : CURRENT_LENGTHS).find(
    ({ octets, max, min }) => octets >= framing.lengthOctets && body.length <= max && body.length >= min,
  );
  if (form === undefined) throw new OpenPgpError('BAD_PACKET', 'a packet too long to be written');
  const first = legacy ? 0x80 | (tag << 2) | form.type : 0xc0 | tag;
  const header = Uint8Array.of(first, ...form.encode(body.length));
  const raw = concatBytes([header, body]);
  return { tag, body: raw.subarray(header.length), raw };
}

const big = (length: number, octets: number): number[] =>
  Array.from({ length: octets }, (_, i) => Math.floor(length / 256 ** (octets - 1 - i)) % 256);

const LEGACY_LENGTHS = [
  { octets: 1, min: 0, max: 0xff, type: 0, encode: (n: number) => big(n, 1) },
  { octets: 2, min: 0, max: 0xffff, type: 1, encode: (n: number) => big(n, 2) },
  { octets: 4, min: 0, max: 0xffffffff, type: 2, encode: (n: number) => big(n, 4) },
];

const CURRENT_LENGTHS = [
  { octets: 1, min: 0, max: 191, type: 0, encode: (n: number) => [n] },
  // The two-octet form cannot say less than 192.
  {
    octets: 2,
    min: 192,
    max: 8383,
    type: 0,
    encode: (n: number) => [192 + ((n - 192) >> 8), (n - 192) & 0xff],
  },
  { octets: 5, min: 0, max: 0xffffffff, type: 0, encode: (n: number) => [255, ...big(n, 4)] },
];
