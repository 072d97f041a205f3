/* The part of a check that is the same for the primary key, user IDs and subkeys. */
import { OpenPgpError } from './error.ts';
import { reduceSignature } from './framing.ts';
import type { CheckLimits } from './limits.ts';
import { uniteSignatures } from './merge.ts';
import type { Packet } from './packet.ts';
import type { PublicKey } from './public-key.ts';
import { isExportable, mayBeIssuedBy, namesIssuer, readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import * as subpackets from './subpacket.ts';
import { hasUnknownCritical } from './subpacket.ts';
import type { Subpacket } from './subpacket.ts';
import type { Tally } from './tally.ts';

/** The readable signatures on one component: by the primary key (as they claim), and by others. */
export interface Sorted {
  readonly own: readonly Signature[];
  readonly others: readonly Signature[];
}

/** Nothing is verified here; what cannot or must not be kept is counted in `tally`. */
export function sortSignatures(
  packets: readonly Packet[],
  context: { readonly primary: PublicKey; readonly limits: CheckLimits; readonly tally: Tally },
): Sorted {
  const own: Signature[] = [];
  const others: Signature[] = [];
  for (const packet of packets) {
    const signature = readKeepable(packet, context);
    if (signature === undefined) continue;
    (mayBeIssuedBy(signature, context.primary) ? own : others).push(signature);
  }
  return { own: uniteSignatures(own), others: uniteSignatures(others) };
}

function readKeepable(
  packet: Packet,
  { primary, limits, tally }: { primary: PublicKey; limits: CheckLimits; tally: Tally },
): Signature | undefined {
  const signature = tryRead(packet);
  if (signature === undefined) {
    tally.add('signature', (packet.body[0] ?? 0) === 3 ? 'version 3' : 'cannot be read');
    return undefined;
  }
  if (!isExportable(signature)) {
    // RFC 9580 §5.2.3.19: its maker asks not to publish it.
    tally.add('signature', 'marked as not to be exported');
    return undefined;
  }
  if (hasUnknownCritical(signature.hashed)) {
    tally.add('signature', 'has a critical subpacket of unknown type');
    return undefined;
  }
  const reduced = reduceSignature(signature, (one) => (isUseful(one, signature, primary) ? one : undefined));
  if (reduced.packet.body.length > limits.signatureOctets) {
    tally.add('signature', `larger than ${limits.signatureOctets} octets`);
    return undefined;
  }
  return reduced;
}

function tryRead(packet: Packet): Signature | undefined {
  try {
    return readSignature(packet);
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}

/**
 * What may stay of the octets that the signature does not cover: who made it (for the owner's signatures
 * only if it is true), and an embedded signature, which is verified later.
 */
function isUseful(one: Subpacket, signature: Signature, primary: PublicKey): boolean {
  const own = mayBeIssuedBy(signature, primary);
  if (one.type === subpackets.EMBEDDED_SIGNATURE) return own;
  if (own) return namesIssuer(one, primary);
  return (
    (one.type === subpackets.ISSUER && one.body.length === 8) ||
    (one.type === subpackets.ISSUER_FINGERPRINT && one.body[0] === signature.version && one.body.length <= 33)
  );
}

/** Signature verifications under way at once: enough to keep the thread pool of the runtime busy. */
const AT_ONCE = 8;

/** Those of `all` for which `test` comes true, in their order. */
export async function filterAsync<T>(all: readonly T[], test: (one: T) => Promise<boolean>): Promise<T[]> {
  const kept: T[] = [];
  for (let i = 0; i < all.length; i += AT_ONCE) {
    const part = all.slice(i, i + AT_ONCE);
    const verdicts = await Promise.all(part.map(test));
    kept.push(...part.filter((_, j) => verdicts[j] === true));
  }
  return kept;
}
