import { OpenPgpError } from '../openpgp/error.ts';
import { PUBLIC_KEY, PUBLIC_SUBKEY, splitPackets } from '../openpgp/packet.ts';
import type { Packet } from '../openpgp/packet.ts';
import { readPublicKey } from '../openpgp/public-key.ts';
import type { PublicKey } from '../openpgp/public-key.ts';

/** The primary key and the subkeys of one key in a file, nothing verified; none when the primary cannot be read. */
export function keysIn(bytes: Uint8Array): PublicKey[] {
  const packets = attempt(() => splitPackets(bytes)) ?? [];
  const readable = packets.filter(isPublicKey).map((packet) => attempt(() => readPublicKey(packet)));
  return readable[0] === undefined ? [] : readable.filter((key) => key !== undefined);
}

function isPublicKey({ tag }: Packet): boolean {
  return tag === PUBLIC_KEY || tag === PUBLIC_SUBKEY;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}
