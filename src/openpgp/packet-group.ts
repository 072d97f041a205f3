/* How the packets of a keyring belong together (RFC 9580 §10.1), before anything is verified. */
import { PUBLIC_KEY, PUBLIC_SUBKEY, SIGNATURE, USER_ATTRIBUTE, USER_ID } from './packet.ts';
import type { Packet } from './packet.ts';

export interface SignedPacket {
  readonly packet: Packet;
  readonly signatures: readonly Packet[];
}

/** A primary key and what follows it up to the next one. */
export interface PacketGroup {
  readonly primary: Packet;
  /** Signatures on the primary key itself. */
  readonly direct: readonly Packet[];
  readonly userIds: readonly SignedPacket[];
  readonly userAttributes: readonly SignedPacket[];
  readonly subkeys: readonly SignedPacket[];
}

export interface Grouping {
  readonly groups: readonly PacketGroup[];
  /** Packets before the first primary key: bare revocations, or remains of something. */
  readonly orphans: readonly Packet[];
}

/** Packets other than keys, user IDs, user attributes and signatures must have been taken out. */
export function groupPackets(packets: readonly Packet[]): Grouping {
  const groups: PacketGroup[] = [];
  const orphans: Packet[] = [];
  let group: Gathering | undefined;
  let signatures: Packet[] = orphans;
  for (const packet of packets) {
    if (packet.tag === PUBLIC_KEY) {
      group = { primary: packet, direct: [], userIds: [], userAttributes: [], subkeys: [] };
      groups.push(group);
      signatures = group.direct;
    } else if (packet.tag === SIGNATURE) {
      signatures.push(packet);
    } else if (group === undefined) {
      orphans.push(packet);
    } else {
      signatures = [];
      placeFor(packet, group).push({ packet, signatures });
    }
  }
  return { groups, orphans };
}

interface Gathering {
  readonly primary: Packet;
  readonly direct: Packet[];
  readonly userIds: SignedPacket[];
  readonly userAttributes: SignedPacket[];
  readonly subkeys: SignedPacket[];
}

function placeFor({ tag }: Packet, group: Gathering): SignedPacket[] {
  if (tag === USER_ID) return group.userIds;
  if (tag === PUBLIC_SUBKEY) return group.subkeys;
  if (tag === USER_ATTRIBUTE) return group.userAttributes;
  throw new RangeError(`a packet of type ${tag} has no place in a certificate`);
}
