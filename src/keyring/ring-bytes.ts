/*
 * A keyring file as octets: keys one after the other (RFC 9580 §10.1), in binary, as Singularity and Apptainer
 * write them. What cannot be read stays where it is.
 */
import { OpenPgpError } from '../openpgp/error.ts';
import { PUBLIC_KEY, readPacketHeader, SECRET_KEY } from '../openpgp/packet.ts';

export interface RingPart {
  /** Where it begins in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface RingParts {
  /** Packets before the first key; commonly empty. */
  readonly head: RingPart;
  /** One a primary key, public or secret, with all that follows it up to the next one. */
  readonly keys: readonly RingPart[];
  /** From the first octet on that no packet begins with, to the end. */
  readonly damage?: RingPart & { readonly reason: string };
}

/** Never throws: octets that are no packets are `damage`. */
export function splitRing(bytes: Uint8Array): RingParts {
  const starts: number[] = [];
  let end = 0;
  let reason: string | undefined;
  while (end < bytes.length && reason === undefined) {
    const next = packetAt(bytes, end);
    if (typeof next === 'string') reason = next;
    else {
      if (next.tag === PUBLIC_KEY || next.tag === SECRET_KEY) starts.push(end);
      end = next.end;
    }
  }
  const part = (offset: number, to: number): RingPart => ({ offset, bytes: bytes.subarray(offset, to) });
  return {
    head: part(0, starts[0] ?? end),
    keys: starts.map((start, i) => part(start, starts[i + 1] ?? end)),
    ...(reason !== undefined && { damage: { ...part(end, bytes.length), reason } }),
  };
}

function packetAt(bytes: Uint8Array, offset: number): { tag: number; end: number } | string {
  try {
    const header = readPacketHeader(bytes, offset);
    if (header === undefined) return 'it is cut off';
    const end = offset + header.headerLength + header.bodyLength;
    return end > bytes.length ? 'it is cut off' : { tag: header.tag, end };
  } catch (error) {
    if (error instanceof OpenPgpError) return error.message;
    throw error;
  }
}

/** The file with these keys: what is no key stays, damage last, where it hides nothing. */
export function joinRing({ head, damage }: RingParts, keys: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([head.bytes, ...keys, damage?.bytes ?? Buffer.alloc(0)]);
}
