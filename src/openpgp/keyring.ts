/* An upload as a keyring: what must not be there at all, what is passed over, and what is left to check. */
import { OpenPgpError } from './error.ts';
import type { LeftOut } from './left-out.ts';
import { MAX_CERTIFICATES_PER_UPLOAD } from './limits.ts';
import { groupPackets } from './packet-group.ts';
import type { PacketGroup } from './packet-group.ts';
import * as packet from './packet.ts';
import { splitPackets } from './packet.ts';
import type { Packet } from './packet.ts';
import { KEY_REVOCATION, readSignature } from './signature.ts';
import type { Signature } from './signature.ts';

export interface Keyring {
  readonly certificates: readonly PacketGroup[];
  /** Key revocations that stand alone, as `gpg --gen-revoke` writes them. */
  readonly revocations: readonly Signature[];
  /** Packets that belong to no certificate. */
  readonly leftOut: readonly LeftOut[];
}

const IN_CERTIFICATES: ReadonlySet<number> = new Set([
  packet.SIGNATURE,
  packet.PUBLIC_KEY,
  packet.USER_ID,
  packet.PUBLIC_SUBKEY,
  packet.USER_ATTRIBUTE,
]);

/** Trust packets are a keyring's private notes, marker and padding say nothing (RFC 9580 §5.8, §5.10, §5.14). */
const PASSED_OVER: ReadonlySet<number> = new Set([packet.TRUST, packet.MARKER, packet.PADDING]);

/** Types 40 to 63 are not critical: "MUST be ignored" when unknown (RFC 9580 §4.3). */
const FIRST_UNCRITICAL = 40;

/**
 * Sorts a binary keyring out without verifying anything. Throws `SECRET_KEY` when there is secret key
 * material anywhere, `UNEXPECTED_PACKET` for packets that no keyring holds, `BAD_PACKET`, `UPLOAD_TOO_LARGE`.
 */
export function readKeyring(bytes: Uint8Array): Keyring {
  const packets = splitPackets(bytes);
  refuseSecretKeys(packets);
  const { groups, orphans } = groupPackets(packets.filter(belongs));
  if (groups.length > MAX_CERTIFICATES_PER_UPLOAD) {
    throw new OpenPgpError(
      'UPLOAD_TOO_LARGE',
      `more than ${MAX_CERTIFICATES_PER_UPLOAD} certificates in one upload; send them in parts, or use "vouch keystore load"`,
    );
  }
  const revocations = orphans.flatMap(readRevocation);
  const lost = orphans.length - revocations.length;
  const leftOut = lost > 0 ? [{ what: 'packet', why: 'belongs to no certificate', count: lost }] : [];
  return { certificates: groups, revocations, leftOut };
}

export function isSecret({ tag }: { readonly tag: number }): boolean {
  return tag === packet.SECRET_KEY || tag === packet.SECRET_SUBKEY;
}

function refuseSecretKeys(packets: readonly Packet[]): void {
  if (packets.some(isSecret)) throw secretKeyError();
}

function secretKeyError(): OpenPgpError {
  return new OpenPgpError(
    'SECRET_KEY',
    'this upload contains secret key material; nothing of it was stored. Export the public key and send that, and consider whether the secret key is still safe',
  );
}

function belongs({ tag }: Packet): boolean {
  if (IN_CERTIFICATES.has(tag)) return true;
  if (PASSED_OVER.has(tag) || tag >= FIRST_UNCRITICAL) return false;
  throw new OpenPgpError('UNEXPECTED_PACKET', `a packet of type ${tag}, which is not part of a public key`);
}

function readRevocation(one: Packet): Signature[] {
  if (one.tag !== packet.SIGNATURE) return [];
  try {
    const signature = readSignature(one);
    return signature.type === KEY_REVOCATION ? [signature] : [];
  } catch (error) {
    if (error instanceof OpenPgpError) return [];
    throw error;
  }
}
