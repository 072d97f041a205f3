/*
 * Finding the way back after damage: lengths chain the packets of a keyring, so after a wrong one nothing
 * says where the next packet begins. A primary key packet has enough structure to be recognised.
 */
import { OpenPgpError } from '../../openpgp/error.ts';
import { PUBLIC_KEY, readPacketHeader, SECRET_KEY } from '../../openpgp/packet.ts';

/** Octets of a key packet's body: less holds no key, and more was never seen (post-quantum keys included). */
const MIN_KEY_OCTETS = 12;
const MAX_KEY_OCTETS = 32 * 1024;

/** Octets that must be looked at to decide about one position: a header, a body, and the octet after it. */
export const SEARCH_OCTETS: number = MAX_KEY_OCTETS + 16;

/** RFC 9580 §9.1 ends at 28; LibrePGP and the post-quantum draft use numbers up to 36. */
const MAX_ALGORITHM = 40;

/** The first position in `[from, until)` where a primary key packet may begin. */
export function findPrimaryKey(bytes: Uint8Array, from: number, until: number): number | undefined {
  for (let at = from; at < until; at += 1) if (maybePrimaryKey(bytes, at)) return at;
  return undefined;
}

function maybePrimaryKey(bytes: Uint8Array, at: number): boolean {
  // Almost every octet ends here.
  if ((bytes[at] ?? 0) < 0x80) return false;
  const header = headerAt(bytes, at);
  if (header === undefined || (header.tag !== PUBLIC_KEY && header.tag !== SECRET_KEY)) return false;
  if (header.bodyLength < MIN_KEY_OCTETS || header.bodyLength > MAX_KEY_OCTETS) return false;
  const body = at + header.headerLength;
  // A packet follows, or nothing does.
  return (bytes[body + header.bodyLength] ?? 0x80) >= 0x80 && maybeKey(bytes, body);
}

/** Whether version and algorithm (RFC 9580 §5.5.2) are ones that exist. */
function maybeKey(bytes: Uint8Array, body: number): boolean {
  const version = bytes[body] ?? 0;
  const algorithm = bytes[body + (version === 3 ? 7 : 5)] ?? 0;
  return version >= 3 && version <= 6 && algorithm > 0 && algorithm <= MAX_ALGORITHM;
}

function headerAt(bytes: Uint8Array, at: number): ReturnType<typeof readPacketHeader> {
  try {
    return readPacketHeader(bytes, at);
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}
