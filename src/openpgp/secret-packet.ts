/* Secret key and subkey packets (RFC 9580 §5.5.3): where the public part ends, and how the rest is protected. */
import { ByteReader, OutOfBytes } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';
import { readMpi } from './mpi.ts';
import { framePacket, framingOf, PUBLIC_KEY, PUBLIC_SUBKEY, SECRET_KEY } from './packet.ts';
import type { Packet } from './packet.ts';
import { readPublicKey } from './public-key.ts';
import type { PublicKey } from './public-key.ts';

export type Protection =
  /** The secret part is there in the clear. */
  | 'none'
  | 'passphrase'
  /** gpg left it out (`gpg --export-secret-subkeys`, an offline primary key). */
  | 'absent'
  /** gpg left it on a smart card. */
  | 'card'
  /** Obsolete (a checksum instead of a hash, unsalted MD5), or unknown. */
  | 'unsupported';

export interface SecretPacket {
  readonly packet: Packet;
  /** Its public part as the packet it would be in a certificate. */
  readonly publicKey: PublicKey;
  readonly protection: Protection;
}

/** Throws `BAD_SECRET_KEY`, and `UNSUPPORTED_KEY` for versions other than 4 and 6. */
export function readSecretPacket(packet: Packet): SecretPacket {
  try {
    const length = publicLength(packet.body);
    const tag = packet.tag === SECRET_KEY ? PUBLIC_KEY : PUBLIC_SUBKEY;
    const { legacy } = framingOf(packet);
    const part = framePacket(tag, packet.body.subarray(0, length), { legacy, lengthOctets: 1 });
    const protection = readProtection(new ByteReader(packet.body, length), packet.body[0] === 6);
    return { packet, publicKey: readPublicKey(part), protection };
  } catch (error) {
    if (!(error instanceof OutOfBytes)) throw error;
    throw new OpenPgpError('BAD_SECRET_KEY', 'a secret key packet is cut off', { cause: error });
  }
}

/** A secret packet with the secret part of `written` behind the public octets of `old`, which stay as they are. */
export function replaceSecretPart(old: Packet, written: Uint8Array): Packet {
  const before = old.body.subarray(0, publicLength(old.body));
  const after = written.subarray(publicLength(written));
  const { legacy } = framingOf(old);
  return framePacket(old.tag, Buffer.concat([before, after]), { legacy, lengthOctets: 1 });
}

/** Octets of the public part, with which the body begins (§5.5.2). */
function publicLength(body: Uint8Array): number {
  const reader = new ByteReader(body);
  const version = reader.octet();
  if (version !== 4 && version !== 6) {
    throw new OpenPgpError('UNSUPPORTED_KEY', `a secret key of version ${version}; 4 and 6 are read`);
  }
  reader.uint(4);
  const algorithm = reader.octet();
  if (version === 6) reader.take(reader.uint(4));
  else skipMaterial(reader, algorithm);
  return reader.position;
}

/** Integers of the public part by algorithm (§5.5.5), and octets of those that have a fixed length. */
const INTEGERS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 2, 16: 3, 17: 4 };
const OCTETS: Readonly<Record<number, number>> = { 25: 32, 26: 56, 27: 32, 28: 57 };
const ECDH = 18;
const CURVES: ReadonlySet<number> = new Set([ECDH, 19, 22]);

function skipMaterial(reader: ByteReader, algorithm: number): void {
  const integers = INTEGERS[algorithm] ?? (CURVES.has(algorithm) ? 1 : undefined);
  const octets = OCTETS[algorithm];
  if (octets !== undefined) reader.take(octets);
  else if (integers === undefined) {
    throw new OpenPgpError('UNSUPPORTED_KEY', `a secret key of the unknown algorithm ${algorithm}`);
  }
  if (CURVES.has(algorithm)) reader.take(reader.octet());
  for (let i = 0; i < (integers ?? 0); i += 1) readMpi(reader);
  // §5.5.5.6: how the shared secret becomes a key.
  if (algorithm === ECDH) reader.take(reader.octet());
}

/** String-to-key usage octets (§3.7.2.1) under which a wrong passphrase is noticed. */
const AEAD = 253;
const CFB_WITH_CHECKSUM = 255;

/** String-to-key types: simple, salted, iterated, Argon2 (§3.7.1), and what GnuPG does instead. */
const KNOWN_S2K: ReadonlySet<number> = new Set([0, 1, 3, 4]);
const GNU_S2K = 101;

function readProtection(reader: ByteReader, wide: boolean): Protection {
  const usage = reader.octet();
  if (usage === 0) return 'none';
  if (usage < AEAD) return 'unsupported';
  if (wide) reader.octet();
  reader.octet();
  if (usage === AEAD) reader.octet();
  if (wide) reader.octet();
  const type = reader.octet();
  if (type === GNU_S2K) return readGnu(reader);
  return usage !== CFB_WITH_CHECKSUM && KNOWN_S2K.has(type) ? 'passphrase' : 'unsupported';
}

/** GnuPG, doc/DETAILS, "GNU extensions to the S2K algorithm". */
function readGnu(reader: ByteReader): Protection {
  reader.octet();
  if (Buffer.from(reader.take(3)).toString('latin1') !== 'GNU') return 'unsupported';
  const mode = reader.octet();
  if (mode === 1) return 'absent';
  return mode === 2 ? 'card' : 'unsupported';
}
