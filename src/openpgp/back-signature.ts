/*
 * The signature by which a signing subkey agrees to belong to a primary key (RFC 9580 §5.2.1.8 type 0x19,
 * embedded by §5.2.3.34). Without it anybody could bind somebody else's subkey to a key of their own.
 */
import { reduceSignature } from './framing.ts';
import { SIGNING_ONLY } from './key-algorithm.ts';
import { SIGNATURE } from './packet.ts';
import type { PublicKey } from './public-key.ts';
import { keyFlags, namesIssuer, PRIMARY_KEY_BINDING, readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import { EMBEDDED_SIGNATURE } from './subpacket.ts';
import type { Subpacket } from './subpacket.ts';
import { subkeySubject } from './subject.ts';
import type { Verifier } from './verifier.ts';

/** Key flag (RFC 9580 §5.2.3.29): this key may be used to sign data. */
const SIGN_DATA = 0x02;

/** True when a binding lets the subkey sign: by its key flags or, where it has none, by its algorithm. */
export function needsBackSignature(binding: Signature, subkey: PublicKey): boolean {
  const flags = keyFlags(binding);
  return flags === undefined ? SIGNING_ONLY.has(subkey.algorithm.number) : (flags & SIGN_DATA) !== 0;
}

/** The first subpacket of a binding that holds a valid back-signature; those that are signed come first. */
export async function findBackSignature(
  binding: Signature,
  primary: PublicKey,
  subkey: PublicKey,
  verify: Verifier,
): Promise<Subpacket | undefined> {
  const candidates = [...binding.hashed, ...binding.unhashed].filter(
    ({ type }) => type === EMBEDDED_SIGNATURE,
  );
  for (const candidate of candidates.slice(0, MAX_BACK_SIGNATURES)) {
    const signature = readEmbedded(candidate);
    if (
      signature?.type === PRIMARY_KEY_BINDING &&
      (await verify(signature, subkey, subkeySubject(primary, subkey)))
    ) {
      return candidate;
    }
  }
  return undefined;
}

/** A verified back-signature from an unhashed area without what anybody could have changed in it. */
export function reduceBackSignature(subpacket: Subpacket, subkey: PublicKey): Subpacket {
  const signature = readEmbedded(subpacket);
  if (signature === undefined) return subpacket;
  const reduced = reduceSignature(signature, (one) => (namesIssuer(one, subkey) ? one : undefined));
  return { ...subpacket, body: reduced.packet.body };
}

/** One is right; a few more may be there from software that appends instead of replacing. */
const MAX_BACK_SIGNATURES = 4;

function readEmbedded({ body }: Subpacket): Signature | undefined {
  try {
    return readSignature({ tag: SIGNATURE, body, raw: body });
  } catch {
    // Unhashed octets that anybody may have written: unreadable is the same as absent.
    return undefined;
  }
}
