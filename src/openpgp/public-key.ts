import { ByteReader, OutOfBytes } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';
import { fingerprintOf, keyIdOf } from './fingerprint.ts';
import { readKeyAlgorithm } from './key-algorithm.ts';
import type { KeyAlgorithm } from './key-algorithm.ts';
import type { Packet } from './packet.ts';

/** A public primary key or subkey packet (RFC 9580 §5.5.2). */
export interface PublicKey {
  readonly packet: Packet;
  /** 4 or 6; a subkey of a version 4 primary may be 5 (LibrePGP). */
  readonly version: number;
  /** Seconds since 1970. */
  readonly created: number;
  readonly algorithm: KeyAlgorithm;
  readonly fingerprint: string;
  readonly keyId: string;
}

/** Version octet of a key packet; 0 when it is empty. */
export function keyVersion(packet: Packet): number {
  return packet.body[0] ?? 0;
}

/**
 * Throws `UNSUPPORTED_KEY` for versions other than 4, 5 and 6 and for keys over a limit, `BAD_CERTIFICATE`
 * when the packet cannot be read.
 */
export function readPublicKey(packet: Packet): PublicKey {
  const reader = new ByteReader(packet.body);
  try {
    const version = reader.octet();
    if (version < 4 || version > 6) {
      throw new OpenPgpError('UNSUPPORTED_KEY', `a key of version ${version}`);
    }
    // §5.5.4.2: its fingerprint is made with the length in two octets.
    if (version === 4 && packet.body.length > 0xffff) {
      throw new OpenPgpError('BAD_CERTIFICATE', 'a version 4 key of more than 65535 octets');
    }
    const created = reader.uint(4);
    const number = reader.octet();
    if (version >= 5) reader.uint(4);
    const algorithm = readKeyAlgorithm(number, reader);
    const fingerprint = fingerprintOf(version, packet.body);
    return { packet, version, created, algorithm, fingerprint, keyId: keyIdOf(fingerprint) };
  } catch (error) {
    if (!(error instanceof OutOfBytes)) throw error;
    throw new OpenPgpError('BAD_CERTIFICATE', 'a key packet is cut off', { cause: error });
  }
}
