/*
 * One packet may come with several headers (legacy or current format, longer or shorter lengths), and one
 * signature with several unhashed areas. These functions choose among such variants so that the choice does
 * not depend on the order in which they came: each is a join (commutative, associative, idempotent).
 */
import { compareBytes, concatBytes, equalBytes } from '../bytes/compare.ts';
import { MAX_ISSUER_CLAIMS } from './limits.ts';
import { framePacket, framingOf } from './packet.ts';
import type { Framing, Packet } from './packet.ts';
import { readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import { canonicalTail } from './signature-material.ts';
import { ISSUER, ISSUER_FINGERPRINT } from './subpacket.ts';
import type { Subpacket } from './subpacket.ts';

/** Legacy before current format; then the shorter length field. */
function joinFraming(a: Framing, b: Framing): Framing {
  if (a.legacy !== b.legacy) return a.legacy ? a : b;
  return a.lengthOctets <= b.lengthOctets ? a : b;
}

/** Of two packets with the same type and body. */
export function joinPackets(a: Packet, b: Packet): Packet {
  const [ofA, ofB] = [framingOf(a), framingOf(b)];
  return joinFraming(ofA, ofB) === ofA ? a : b;
}

/** Of two variants of one signature: the subpackets of both unhashed areas. */
export function joinSignatures(a: Signature, b: Signature): Signature {
  const framing = joinFraming(framingOf(a.packet), framingOf(b.packet));
  const body = bodyWith(a, canonicalArea([...a.unhashed, ...b.unhashed]));
  const packet = framePacket(a.packet.tag, body, framing);
  return [a, b].find((one) => equalBytes(one.packet.raw, packet.raw)) ?? readSignature(packet);
}

/**
 * The signature without what anybody could have changed in it: unhashed subpackets as `keep` returns them
 * (undefined: dropped), integers in their one right encoding. Itself when that changes nothing.
 */
export function reduceSignature(
  signature: Signature,
  keep: (subpacket: Subpacket) => Subpacket | undefined,
): Signature {
  const tail = canonicalTail(signature.version, signature.algorithm, signature.tail);
  const unhashed = signature.unhashed.flatMap((one) => keep(one) ?? []);
  const body = bodyWith(
    { version: signature.version, hashedPart: signature.hashedPart, tail },
    canonicalArea(unhashed),
  );
  if (equalBytes(body, signature.packet.body)) return signature;
  const { legacy } = framingOf(signature.packet);
  return readSignature(framePacket(signature.packet.tag, body, { legacy, lengthOctets: 1 }));
}

/**
 * By type and content, each once, not critical (nothing unhashed can be), lengths in their shortest form. Of
 * too many issuers the first in this order stay, so that joins still do not depend on theirs.
 */
function canonicalArea(subpackets: readonly Subpacket[]): Uint8Array {
  const raws = subpackets.map(({ type, body }) => {
    const content = concatBytes([Uint8Array.of(type), body]);
    return { type, raw: concatBytes([subpacketLength(content.length), content]) };
  });
  raws.sort((a, b) => a.type - b.type || compareBytes(a.raw, b.raw));
  const distinct = raws.filter(({ raw }, i) => !equalBytes(raw, raws[i - 1]?.raw ?? NOTHING));
  const kept = distinct.filter(
    ({ type }, i) => !ISSUERS.has(type) || distinct[i - MAX_ISSUER_CLAIMS]?.type !== type,
  );
  return concatBytes(kept.map(({ raw }) => raw));
}

const ISSUERS: ReadonlySet<number> = new Set([ISSUER, ISSUER_FINGERPRINT]);
const NOTHING = new Uint8Array();

function subpacketLength(length: number): Uint8Array {
  if (length < 192) return Uint8Array.of(length);
  if (length < 8384) return Uint8Array.of(192 + ((length - 192) >> 8), (length - 192) & 0xff);
  const wide = Buffer.alloc(5, 0xff);
  wide.writeUInt32BE(length, 1);
  return wide;
}

function bodyWith(
  signature: Pick<Signature, 'version' | 'hashedPart' | 'tail'>,
  unhashed: Uint8Array,
): Uint8Array {
  const wide = signature.version === 6;
  const length = Buffer.alloc(wide ? 4 : 2);
  length.writeUIntBE(unhashed.length, 0, length.length);
  return concatBytes([signature.hashedPart, length, unhashed, signature.tail]);
}
