/* Signature packets (RFC 9580 §5.2.3) of version 4 and 6, read without judging them. */
import { toHex } from '../bytes/hex.ts';
import { ByteReader, OutOfBytes } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';
import { keyIdOf } from './fingerprint.ts';
import type { Packet } from './packet.ts';
import * as subpacket from './subpacket.ts';
import { readSubpackets } from './subpacket.ts';
import type { Subpacket } from './subpacket.ts';

/** Signature type IDs (RFC 9580 §5.2.1); ATTESTATION is of draft-dkg-openpgp-1pa3pc. */
export const BINARY = 0x00;
export const TEXT = 0x01;
export const CERTIFICATIONS: ReadonlySet<number> = new Set([0x10, 0x11, 0x12, 0x13]);
export const ATTESTATION = 0x16;
export const SUBKEY_BINDING = 0x18;
export const PRIMARY_KEY_BINDING = 0x19;
export const DIRECT_KEY = 0x1f;
export const KEY_REVOCATION = 0x20;
export const SUBKEY_REVOCATION = 0x28;
export const CERTIFICATION_REVOCATION = 0x30;

/** One signature. What is in `hashed` was signed; what is in `unhashed` anybody may have written. */
export interface Signature {
  readonly packet: Packet;
  readonly version: 4 | 6;
  readonly type: number;
  /** Public-key and hash algorithm IDs. */
  readonly algorithm: number;
  readonly hash: number;
  readonly hashed: readonly Subpacket[];
  readonly unhashed: readonly Subpacket[];
  /** The octets from the version through the hashed subpackets: what the signature covers of itself. */
  readonly hashedPart: Uint8Array;
  /** Everything after the unhashed subpackets: digest prefix, salt (version 6), the signature proper. */
  readonly tail: Uint8Array;
  /** Seconds since 1970. */
  readonly created: number;
}

/** Throws `BAD_PACKET` for a packet that cannot be read, or a version other than 4 and 6. */
export function readSignature(packet: Packet): Signature {
  try {
    return parse(packet);
  } catch (error) {
    if (!(error instanceof OutOfBytes)) throw error;
    throw new OpenPgpError('BAD_PACKET', 'a signature packet is cut off', { cause: error });
  }
}

function parse(packet: Packet): Signature {
  const reader = new ByteReader(packet.body);
  const version = reader.octet();
  if (version !== 4 && version !== 6) {
    throw new OpenPgpError('BAD_PACKET', `a signature of version ${version}`);
  }
  const [type, algorithm, hash] = [reader.octet(), reader.octet(), reader.octet()];
  const width = version === 6 ? 4 : 2;
  const hashed = readSubpackets(reader.take(reader.uint(width)));
  const hashedPart = packet.body.subarray(0, reader.position);
  const unhashed = readSubpackets(reader.take(reader.uint(width)));
  // §5.2.3.11: the creation time MUST be present in the hashed area.
  const created = uint32(hashed, subpacket.CREATED);
  if (created === undefined) throw new OpenPgpError('BAD_PACKET', 'a signature without a creation time');
  return {
    packet,
    version,
    type,
    algorithm,
    hash,
    hashed,
    unhashed,
    hashedPart,
    tail: reader.rest(),
    created,
  };
}

/** The body of the last hashed subpacket of a type: §5.2.3.9 says the last one counts. */
function bodyOf(subpackets: readonly Subpacket[], type: number): Uint8Array | undefined {
  return subpackets.findLast((one) => one.type === type)?.body;
}

function uint32(subpackets: readonly Subpacket[], type: number): number | undefined {
  const body = bodyOf(subpackets, type);
  return body?.length === 4 ? new ByteReader(body).uint(4) : undefined;
}

/** When the signature ends to be valid, in seconds since 1970 (§5.2.3.18; zero means never). */
export function signatureExpiry(signature: Signature): number | undefined {
  const after = uint32(signature.hashed, subpacket.EXPIRES);
  return after === undefined || after === 0 ? undefined : signature.created + after;
}

/** Whether it has ended at `at` (seconds since 1970), by what it says of itself. */
export function isOver(signature: Signature, at: number): boolean {
  return (signatureExpiry(signature) ?? Infinity) <= at;
}

/** Seconds the key lives after its creation (§5.2.3.13); 0 means for ever, undefined that it is not said. */
export function keyLifetime(signature: Signature): number | undefined {
  return uint32(signature.hashed, subpacket.KEY_EXPIRES);
}

/** §5.2.3.19: a signature that its maker does not want published. */
export function isExportable(signature: Signature): boolean {
  return bodyOf(signature.hashed, subpacket.EXPORTABLE)?.[0] !== 0;
}

/** First octet of the key flags (§5.2.3.29), or undefined when the signature has none. */
export function keyFlags(signature: Signature): number | undefined {
  const body = bodyOf(signature.hashed, subpacket.KEY_FLAGS);
  return body === undefined ? undefined : (body[0] ?? 0);
}

export function claimsPrimaryUserId(signature: Signature): boolean {
  const flag = bodyOf(signature.hashed, subpacket.PRIMARY_USER_ID)?.[0];
  return flag !== undefined && flag !== 0;
}

/** Code and text of §5.2.3.31; code 0 and no text when the reason is not given. */
export function revocationReason(signature: Signature): { readonly code: number; readonly text: string } {
  const body = bodyOf(signature.hashed, subpacket.REVOCATION_REASON);
  return { code: body?.[0] ?? 0, text: Buffer.from(body?.subarray(1) ?? []).toString('utf8') };
}

/** Fingerprints of keys that may revoke the issuer's key (§5.2.3.23). */
export function designatedRevokers(signature: Signature): string[] {
  return signature.hashed
    .filter(
      ({ type, body }) =>
        type === subpacket.REVOCATION_KEY && body.length === 22 && new ByteReader(body).octet() >= 0x80,
    )
    .map(({ body }) => toHex(body.subarray(2)));
}

/** Who a signature says made it. A claim: it selects the key to verify with, and is evidence of nothing. */
export interface IssuerClaim {
  /** Undefined when only a key ID is given. */
  readonly fingerprint: string | undefined;
  readonly keyId: string;
}

const issuers = new WeakMap<Signature, readonly IssuerClaim[]>();

/** Claims of the hashed area if it has any, else of the unhashed one (§5.2.3.12, §5.2.3.35). Read once. */
export function claimedIssuers(signature: Signature): readonly IssuerClaim[] {
  let claimed = issuers.get(signature);
  if (claimed === undefined) {
    const hashed = claims(signature.hashed);
    claimed = hashed.length > 0 ? hashed : claims(signature.unhashed);
    issuers.set(signature, claimed);
  }
  return claimed;
}

/** A fingerprint says all that a key ID beside it says. */
function claims(area: readonly Subpacket[]): IssuerClaim[] {
  const fingerprints = area.flatMap(({ type, body }) => {
    if (type !== subpacket.ISSUER_FINGERPRINT || body.length < 2) return [];
    const fingerprint = toHex(body.subarray(1));
    return [{ fingerprint, keyId: keyIdOf(fingerprint) }];
  });
  if (fingerprints.length > 0) return fingerprints;
  return area
    .filter(({ type, body }) => type === subpacket.ISSUER && body.length === 8)
    .map(({ body }) => ({ fingerprint: undefined, keyId: toHex(body) }));
}

/**
 * True when the signature names this key, or names nobody. Of several unhashed claims any will do: somebody
 * who adds a false one to a signature must not take it away from its maker.
 */
export function mayBeIssuedBy(
  signature: Signature,
  key: { readonly fingerprint: string; readonly keyId: string },
): boolean {
  const claimed = claimedIssuers(signature);
  if (claimed.length === 0) return true;
  return claimed.some((claim) =>
    claim.fingerprint === undefined ? claim.keyId === key.keyId : claim.fingerprint === key.fingerprint,
  );
}

/** True for an issuer subpacket, of either kind, that names this key and says so truly. */
export function namesIssuer({ type, body }: Subpacket, key: IssuingKey): boolean {
  if (type === subpacket.ISSUER) return body.length === 8 && toHex(body) === key.keyId;
  if (type !== subpacket.ISSUER_FINGERPRINT) return false;
  return body[0] === key.version && toHex(body.subarray(1)) === key.fingerprint;
}

/** What issuer subpackets say of a key. */
export interface IssuingKey {
  readonly version: number;
  readonly fingerprint: string;
  readonly keyId: string;
}
