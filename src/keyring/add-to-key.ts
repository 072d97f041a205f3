/*
 * Adds what is new of a certificate to the octets of a key in a file, and takes nothing away: photographs,
 * certifications by others and what no check lets pass were put there by the keyring's owner.
 */
import { signatureIdentity } from '../openpgp/certificate.ts';
import type { Certificate, KeyComponent } from '../openpgp/certificate.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { mergeCertificates } from '../openpgp/merge.ts';
import {
  PUBLIC_KEY,
  PUBLIC_SUBKEY,
  SIGNATURE,
  splitPackets,
  USER_ATTRIBUTE,
  USER_ID,
} from '../openpgp/packet.ts';
import type { Packet } from '../openpgp/packet.ts';
import { readSignature } from '../openpgp/signature.ts';
import type { Signature } from '../openpgp/signature.ts';

/** A key, user ID, attribute or subkey, and the packets after it up to the next one. */
interface Section {
  readonly packet: Packet;
  readonly after: Packet[];
}

const BEGINS_SECTION: ReadonlySet<number> = new Set([PUBLIC_KEY, PUBLIC_SUBKEY, USER_ATTRIBUTE, USER_ID]);

/** `bytes` with what `offered` adds to `held`, which was read from them; undefined when that is nothing. */
export function addToKey(bytes: Uint8Array, held: Certificate, offered: Certificate): Uint8Array | undefined {
  const merged = mergeCertificates(held, offered);
  const sections = readSections(bytes);
  // Also by what was read of them: a check may have tidied a signature that stands in the file as it was made.
  const known = new Set([...signaturesOf(held).map(signatureIdentity), ...sections.flatMap(identitiesIn)]);
  const isNew = (one: Signature): boolean => !known.has(signatureIdentity(one));
  let added = 0;
  for (const { packet, signatures } of components(merged)) {
    const fresh = signatures.filter(isNew).map((one) => one.packet);
    const section = sections.find((one) => samePacket(one.packet, packet));
    if (section !== undefined) section.after.push(...fresh);
    else insert(sections, { packet, after: fresh });
    added += fresh.length + (section === undefined ? 1 : 0);
  }
  if (added === 0) return undefined;
  return Buffer.concat(sections.flatMap(({ packet, after }) => [packet.raw, ...after.map(({ raw }) => raw)]));
}

function readSections(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (const packet of splitPackets(bytes)) {
    if (BEGINS_SECTION.has(packet.tag)) sections.push({ packet, after: [] });
    else sections.at(-1)?.after.push(packet);
  }
  return sections;
}

interface Signed {
  readonly packet: Packet;
  readonly signatures: readonly Signature[];
}

function components({ primary, userIds, subkeys }: Certificate): Signed[] {
  const ofKey = ({ key, signatures }: KeyComponent): Signed => ({ packet: key.packet, signatures });
  return [ofKey(primary), ...userIds, ...subkeys.map(ofKey)];
}

function signaturesOf(certificate: Certificate): Signature[] {
  return components(certificate).flatMap(({ signatures }) => signatures);
}

function samePacket(a: Packet, b: Packet): boolean {
  return a.tag === b.tag && Buffer.compare(a.body, b.body) === 0;
}

/** User IDs stand before subkeys (RFC 9580 §10.1). */
function insert(sections: Section[], section: Section): void {
  const subkey = sections.findIndex(({ packet }) => packet.tag === PUBLIC_SUBKEY);
  if (section.packet.tag === PUBLIC_SUBKEY || subkey === -1) sections.push(section);
  else sections.splice(subkey, 0, section);
}

function identitiesIn({ after }: Section): string[] {
  return after.flatMap((packet) => {
    const signature = packet.tag === SIGNATURE ? tryRead(packet) : undefined;
    return signature === undefined ? [] : [signatureIdentity(signature)];
  });
}

function tryRead(packet: Packet): Signature | undefined {
  try {
    return readSignature(packet);
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}
