import { toHex } from '../bytes/hex.ts';
import { ByteReader } from '../bytes/reader.ts';
import { readMpi } from './mpi.ts';
import type { PublicKey } from './public-key.ts';

/** The public numbers of an RSA key, as they are in its packet: any natural numbers. */
export interface RsaNumbers {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

/** Undefined for keys of other algorithms. `readPublicKey` has bounded both. */
export function readRsaNumbers({ version, algorithm, packet }: PublicKey): RsaNumbers | undefined {
  if (algorithm.name !== 'RSA') return undefined;
  // RFC 9580 §5.5.2: version, time and algorithm; since version 5 the length of what follows.
  const reader = new ByteReader(packet.body, version >= 5 ? 10 : 6);
  return { modulus: integer(readMpi(reader)), exponent: integer(readMpi(reader)) };
}

function integer(octets: Uint8Array): bigint {
  return octets.length === 0 ? 0n : BigInt(`0x${toHex(octets)}`);
}
