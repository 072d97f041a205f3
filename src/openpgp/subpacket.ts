/* Signature subpackets (RFC 9580 §5.2.3.7). */
import { ByteReader } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';
import { currentLength } from './packet.ts';

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

/** All subpackets of one area. Throws `OutOfBytes` or `BAD_PACKET`. */
export function readSubpackets(area: Uint8Array): Subpacket[] {
  const subpackets: Subpacket[] = [];
  const reader = new ByteReader(area);
  while (reader.left > 0) {
    const start = reader.position;
    const length = subpacketLength(reader);
    if (length === 0) throw new OpenPgpError('BAD_PACKET', 'a signature subpacket without a type');
    const type = reader.octet();
    const body = reader.take(length - 1);
    subpackets.push({
      type: type & 0x7f,
      critical: (type & 0x80) !== 0,
      body,
      raw: area.subarray(start, reader.position),
    });
  }
  return subpackets;
}

/** As for packets, except that 224 to 254 are two-octet lengths too (RFC 9580 §5.2.3.7). */
function subpacketLength(reader: ByteReader): number {
  const start = reader.position;
  const length = currentLength(reader);
  if (length !== undefined) return length;
  const first = reader.octetAt(start);
  return ((first - 192) << 8) + reader.octet() + 192;
}

/** True when a critical subpacket's type is unknown: the signature counts as in error (§5.2.3.7). */
export function hasUnknownCritical(subpackets: readonly Subpacket[]): boolean {
  return subpackets.some(({ type, critical }) => critical && !KNOWN.has(type));
}
