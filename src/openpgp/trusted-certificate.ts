/*
 * A certificate out of the dump of a keystore that had verified every part of it. No signature is verified here; what
 * the certificate is made of is read, and held against the limits, as ever.
 */
import { canonicalOrder } from './certificate.ts';
import type { KeyComponent, UserIdComponent } from './certificate.ts';
import { enforceSigned, enforceSize, readPrimary } from './check.ts';
import type { CheckedCertificate } from './check.ts';
import { OpenPgpError } from './error.ts';
import type { CheckLimits } from './limits.ts';
import type { PacketGroup, SignedPacket } from './packet-group.ts';
import type { Packet } from './packet.ts';
import { readPublicKey } from './public-key.ts';
import type { PublicKey } from './public-key.ts';
import { mayBeIssuedBy, readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import { Tally } from './tally.ts';
import type { ThirdPartyMode } from './third-party.ts';

/**
 * Throws an `OpenPgpError` where `checkCertificate` would, and for every part that it would leave out because it
 * cannot be read or is too large. Certifications by others stay, unless the mode is `strip`.
 */
export function trustCertificate(
  group: PacketGroup,
  { limits, thirdParty }: { readonly limits: CheckLimits; readonly thirdParty: ThirdPartyMode },
): CheckedCertificate {
  const tally = new Tally();
  const key = readPrimary(group.primary, limits);
  tally.add('user attribute', 'not kept by this server', group.userAttributes.length);
  const certificate = canonicalOrder({
    primary: { key, signatures: readSignatures(group.direct, limits) },
    userIds: group.userIds.map((one) => {
      const userId = readUserId(one, limits);
      if (thirdParty !== 'strip') return userId;
      const own = userId.signatures.filter((signature) => mayBeIssuedBy(signature, key));
      const others = userId.signatures.length - own.length;
      tally.add('third-party certification', "this server keeps only the owner's own", others);
      return { ...userId, signatures: own };
    }),
    subkeys: group.subkeys.map((one) => readSubkey(one, key, limits)),
  });
  enforceSigned(certificate);
  enforceSize(certificate, limits);
  return { certificate, leftOut: tally.entries, awaited: [], unjudged: [] };
}

function readUserId({ packet, signatures }: SignedPacket, limits: CheckLimits): UserIdComponent {
  enforceOctets('a user ID', packet, limits.userIdOctets);
  return { packet, signatures: readSignatures(signatures, limits) };
}

function readSubkey(
  { packet, signatures }: SignedPacket,
  primary: PublicKey,
  limits: CheckLimits,
): KeyComponent {
  enforceOctets('a subkey', packet, limits.keyOctets);
  const key = readPublicKey(packet);
  // RFC 9580 §10.1.1: version 6 primaries have version 6 subkeys, and no others have them.
  if ((key.version === 6) !== (primary.version === 6)) {
    throw new OpenPgpError('BAD_CERTIFICATE', `a subkey of version ${key.version}`);
  }
  return { key, signatures: readSignatures(signatures, limits) };
}

function readSignatures(packets: readonly Packet[], limits: CheckLimits): Signature[] {
  return packets.map((packet) => {
    enforceOctets('a signature', packet, limits.signatureOctets);
    return readSignature(packet);
  });
}

function enforceOctets(what: string, { body }: Packet, most: number): void {
  if (body.length > most)
    throw new OpenPgpError('CERTIFICATE_TOO_LARGE', `${what} of more than ${most} octets`);
}
