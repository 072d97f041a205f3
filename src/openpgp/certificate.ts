import { createHash } from 'node:crypto';

import { compareBytes, concatBytes } from '../bytes/compare.ts';
import { OpenPgpError } from './error.ts';
import { groupPackets } from './packet-group.ts';
import { splitPackets } from './packet.ts';
import type { Packet } from './packet.ts';
import { readPublicKey } from './public-key.ts';
import type { PublicKey } from './public-key.ts';
import * as signatures from './signature.ts';
import { mayBeIssuedBy, readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import { EMBEDDED_SIGNATURE } from './subpacket.ts';

/** A primary key or subkey with the signatures that directly concern it. */
export interface KeyComponent {
  readonly key: PublicKey;
  /** On the primary: direct-key and key revocation signatures. On a subkey: bindings and revocations. */
  readonly signatures: readonly Signature[];
}

export interface UserIdComponent {
  readonly packet: Packet;
  /** Certifications, attestations and certification revocations. */
  readonly signatures: readonly Signature[];
}

/**
 * A transferable public key (RFC 9580 §10.1). Certificates that come out of `checkCertificate`,
 * `mergeCertificates` or `parseCertificate` are in canonical order and hold verified parts only (and, where
 * an operator keeps them, third-party certifications).
 */
export interface Certificate {
  readonly primary: KeyComponent;
  readonly userIds: readonly UserIdComponent[];
  readonly subkeys: readonly KeyComponent[];
}

/** The packets of a certificate in its order, byte for byte. */
export function serializeCertificate(certificate: Certificate): Uint8Array {
  return concatBytes(packetsOf(certificate).map(({ raw }) => raw));
}

export function packetsOf({ primary, userIds, subkeys }: Certificate): Packet[] {
  const packets: Packet[] = [];
  const add = (packet: Packet, by: readonly Signature[]): void => {
    packets.push(packet);
    for (const one of by) packets.push(one.packet);
  };
  add(primary.key.packet, primary.signatures);
  for (const { packet, signatures: by } of userIds) add(packet, by);
  for (const { key, signatures: by } of subkeys) add(key.packet, by);
  return packets;
}

/**
 * Reads the bytes of one certificate that `serializeCertificate` wrote. Verifies nothing. Throws
 * `BAD_CERTIFICATE` when they are not one certificate.
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const { groups, orphans } = groupPackets(splitPackets(bytes));
  const [group] = groups;
  if (group === undefined || groups.length > 1 || orphans.length > 0) {
    throw new OpenPgpError('BAD_CERTIFICATE', `${groups.length} certificates where one is expected`);
  }
  const read = (packets: readonly Packet[]): Signature[] => packets.map(readSignature);
  return {
    primary: { key: readPublicKey(group.primary), signatures: read(group.direct) },
    userIds: group.userIds.map(({ packet, signatures: packets }) => ({ packet, signatures: read(packets) })),
    subkeys: group.subkeys.map(({ packet, signatures: packets }) => ({
      key: readPublicKey(packet),
      signatures: read(packets),
    })),
  };
}

/**
 * What makes two signature packets the same signature: everything but the header and the unhashed issuer
 * (a back-signature counts: one with and one without are two).
 */
export function signatureIdentity({ hashedPart, tail, unhashed }: Signature): string {
  const hash = createHash('sha256')
    .update(`${hashedPart.length} ${tail.length} `)
    .update(hashedPart)
    .update(tail);
  for (const { type, body } of unhashed) if (type === EMBEDDED_SIGNATURE) hash.update(body);
  return hash.digest('base64');
}

/**
 * The order certificates are stored and served in. It follows from the content alone: revocations of the
 * key first (RFC 9580 §10.1), then user IDs and subkeys as they came into being, their bindings before
 * their revocations, what others say last.
 */
export function canonicalOrder(certificate: Certificate): Certificate {
  const { key } = certificate.primary;
  const ordered = (by: readonly Signature[]): readonly Signature[] => orderSignatures(by, key);
  return {
    primary: { key, signatures: ordered(certificate.primary.signatures) },
    userIds: sorted(
      certificate.userIds.map((userId) => ({
        packet: userId.packet,
        signatures: ordered(userId.signatures),
      })),
      (a, b) => firstSigned(a) - firstSigned(b) || compareBytes(a.packet.body, b.packet.body),
    ),
    subkeys: sorted(
      certificate.subkeys.map((subkey) => ({ key: subkey.key, signatures: ordered(subkey.signatures) })),
      (a, b) => a.key.created - b.key.created || (a.key.fingerprint < b.key.fingerprint ? -1 : 1),
    ),
  };
}

/** Most lists of a certificate have one member, and sorting that costs more than to see it. */
function sorted<T>(all: readonly T[], order: (a: T, b: T) => number): readonly T[] {
  return all.length > 1 ? all.toSorted(order) : all;
}

function orderSignatures(by: readonly Signature[], primary: PublicKey): readonly Signature[] {
  if (by.length < 2) return by;
  return by
    .map((signature) => ({ signature, rank: rank(signature, primary) }))
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        a.signature.created - b.signature.created ||
        compareBytes(a.signature.packet.body, b.signature.packet.body),
    )
    .map(({ signature }) => signature);
}

const OTHERS = 10;

function rank(signature: Signature, primary: PublicKey): number {
  const own = mayBeIssuedBy(signature, primary) ? 0 : OTHERS;
  switch (signature.type) {
    case signatures.DIRECT_KEY:
    case signatures.ATTESTATION:
    case signatures.SUBKEY_REVOCATION:
      return own + 1;
    case signatures.CERTIFICATION_REVOCATION:
      return own + 2;
    default:
      return own;
  }
}

/** Creation time of the first signature; own ones are in front. */
function firstSigned({ signatures: by }: UserIdComponent): number {
  return by[0]?.created ?? 0;
}
