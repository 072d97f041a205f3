/* What a signature in a certificate is made over (RFC 9580 §5.2.4). Nobody else assembles these octets. */
import { concatBytes } from '../bytes/compare.ts';
import { hashedKey } from './fingerprint.ts';
import type { Packet } from './packet.ts';
import type { PublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';

/** Of direct-key signatures and key revocations: the primary key. */
export function keySubject({ version, packet }: PublicKey): Uint8Array {
  return hashedKey(version, packet.body);
}

/** Of subkey bindings, back-signatures and subkey revocations: the primary key, then the subkey. */
export function subkeySubject(primary: PublicKey, subkey: PublicKey): Uint8Array {
  return concatBytes([keySubject(primary), keySubject(subkey)]);
}

/** Of certifications and their revocations: the primary key, then the user ID. */
export function userIdSubject(primary: PublicKey, userId: Packet): Uint8Array {
  const prefix = Buffer.alloc(5, 0xb4);
  prefix.writeUInt32BE(userId.body.length, 1);
  return concatBytes([keySubject(primary), prefix, userId.body]);
}

/** Everything that is hashed for a signature: salt (version 6), subject, hashed part, trailer. */
export function hashInput(signature: Signature, subject: Uint8Array): Uint8Array {
  const trailer = Buffer.from([signature.version, 0xff, 0, 0, 0, 0]);
  trailer.writeUInt32BE(signature.hashedPart.length, 2);
  return concatBytes([saltOf(signature), subject, signature.hashedPart, trailer]);
}

/** Version 6: after the two octets of the digest prefix come a length and the salt (§5.2.3). */
function saltOf({ version, tail }: Signature): Uint8Array {
  return version === 6 ? tail.subarray(3, 3 + (tail[2] ?? 0)) : tail.subarray(0, 0);
}
