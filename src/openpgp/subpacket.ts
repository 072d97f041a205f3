/* Signature subpackets (RFC 9580 §5.2.3.7). */
import { OutOfBytes, uint32At } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';

/** Subpacket type IDs (RFC 9580 §5.2.3.7); 37 is of draft-dkg-openpgp-1pa3pc. */
export const CREATED = 2;
export const EXPIRES = 3;
export const EXPORTABLE = 4;
export const KEY_EXPIRES = 9;
export const REVOCATION_KEY = 12;
export const ISSUER = 16;
export const NOTATION = 20;
export const PRIMARY_USER_ID = 25;
export const KEY_FLAGS = 27;
export const REVOCATION_REASON = 29;
export const EMBEDDED_SIGNATURE = 32;
export const ISSUER_FINGERPRINT = 33;
export const ATTESTED_CERTIFICATIONS = 37;

/** The types that RFC 9580 §5.2.3.7 gives a meaning, and 37; not the reserved and the private ones. */
const KNOWN: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 7, 9, 11, 12, 16, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 37, 39,
]);

export interface Subpacket {
  readonly type: number;
  readonly critical: boolean;
  readonly body: Uint8Array;
  /** Length, type and body as they came. */
  readonly raw: Uint8Array;
}

/**
 * Goes through an area subpacket by subpacket and makes nothing of them: most signatures have to be found in order, and
 * few to be taken apart.
 */
export class SubpacketWalk {
  readonly #octets: Uint8Array;
  readonly #areaEnd: number;
  /** Of the subpacket it is at; its body ends where it ends. */
  type = 0;
  critical = false;
  start: number;
  bodyStart: number;
  end: number;

  /** Over the octets from `start` to `end`, which are there. */
  constructor(octets: Uint8Array, start: number, end: number) {
    this.#octets = octets;
    this.#areaEnd = end;
    this.start = start;
    this.bodyStart = start;
    this.end = start;
  }

  /** Goes on to the next one; false: there is none. Throws `OutOfBytes` or `BAD_PACKET`. */
  next(): boolean {
    if (this.end >= this.#areaEnd) return false;
    this.start = this.end;
    const octets = this.#octets;
    const first = octets[this.start] ?? 0;
    const typeAt = this.start + lengthOctets(first);
    if (typeAt > this.#areaEnd) throw new OutOfBytes('the length of a subpacket is cut off');
    const length = subpacketLength(octets, this.start, first);
    if (length === 0) throw new OpenPgpError('BAD_PACKET', 'a signature subpacket without a type');
    if (length > this.#areaEnd - typeAt) throw new OutOfBytes('a subpacket is cut off');
    const type = octets[typeAt] ?? 0;
    this.type = type & 0x7f;
    this.critical = type >= 0x80;
    this.bodyStart = typeAt + 1;
    this.end = typeAt + length;
    return true;
  }

  get bodyLength(): number {
    return this.end - this.bodyStart;
  }

  /** Its body, which has four octets, as an unsigned number. */
  uint32(): number {
    return uint32At(this.#octets, this.bodyStart);
  }

  body(): Uint8Array {
    return this.#octets.subarray(this.bodyStart, this.end);
  }

  raw(): Uint8Array {
    return this.#octets.subarray(this.start, this.end);
  }
}

/** All subpackets of one area. Throws `OutOfBytes` or `BAD_PACKET`. */
export function readSubpackets(octets: Uint8Array, start = 0, end: number = octets.length): Subpacket[] {
  const subpackets: Subpacket[] = [];
  const walk = new SubpacketWalk(octets, start, end);
  while (walk.next()) {
    subpackets.push({ type: walk.type, critical: walk.critical, body: walk.body(), raw: walk.raw() });
  }
  return subpackets;
}

/** As for packets, except that 224 to 254 begin lengths of two octets too (RFC 9580 §5.2.3.7). */
function lengthOctets(first: number): 1 | 2 | 5 {
  if (first < 192) return 1;
  return first < 255 ? 2 : 5;
}

/** What those octets say, which are there. */
function subpacketLength(octets: Uint8Array, at: number, first: number): number {
  if (first < 192) return first;
  if (first < 255) return ((first - 192) << 8) + (octets[at + 1] ?? 0) + 192;
  return uint32At(octets, at + 1);
}

/** True when a critical subpacket's type is unknown: the signature counts as in error (§5.2.3.7). */
export function hasUnknownCritical(subpackets: readonly Subpacket[]): boolean {
  return subpackets.some(({ type, critical }) => critical && !KNOWN.has(type));
}
