/* Signature packets (RFC 9580 §5.2.3) of version 4 and 6, read without judging them. */
import { toHex } from '../bytes/hex.ts';
import { ByteReader, OutOfBytes, uint32At } from '../bytes/reader.ts';
import { OpenPgpError } from './error.ts';
import { keyIdOf } from './fingerprint.ts';
import type { Packet } from './packet.ts';
import * as subpacket from './subpacket.ts';
import { readSubpackets, SubpacketWalk } from './subpacket.ts';
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
  /** Claims of the hashed area if it has any, else of the unhashed one (§5.2.3.12, §5.2.3.35). */
  readonly issuers: readonly IssuerClaim[];
}

/** Throws `BAD_PACKET` for a packet that cannot be read, or a version other than 4 and 6. */
export function readSignature(packet: Packet): Signature {
  try {
    return new ReadSignature(packet);
  } catch (error) {
    if (!(error instanceof OutOfBytes)) throw error;
    throw new OpenPgpError('BAD_PACKET', 'a signature packet is cut off', { cause: error });
  }
}

/** All of it was found to be in order; it is taken apart when that is asked for. */
class ReadSignature implements Signature {
  readonly packet: Packet;
  readonly version: 4 | 6;
  readonly type: number;
  readonly algorithm: number;
  readonly hash: number;
  readonly created: number;
  readonly #hashedStart: number;
  readonly #hashedEnd: number;
  readonly #unhashedStart: number;
  readonly #unhashedEnd: number;
  #hashed: readonly Subpacket[] | undefined;
  #unhashed: readonly Subpacket[] | undefined;
  #issuers: readonly IssuerClaim[] | undefined;

  constructor(packet: Packet) {
    const { body } = packet;
    const [version, type, algorithm, hash] = [body[0], body[1], body[2], body[3]];
    if (version !== undefined && version !== 4 && version !== 6) {
      throw new OpenPgpError('BAD_PACKET', `a signature of version ${version}`);
    }
    if (version === undefined || type === undefined || algorithm === undefined || hash === undefined) {
      throw new OutOfBytes('the data ends too early');
    }
    this.packet = packet;
    this.version = version;
    this.type = type;
    this.algorithm = algorithm;
    this.hash = hash;
    const width = version === 6 ? 4 : 2;
    this.#hashedStart = 4 + width;
    this.#hashedEnd = areaEnd(body, 4, width);
    const created = createdIn(new SubpacketWalk(body, this.#hashedStart, this.#hashedEnd));
    this.#unhashedStart = this.#hashedEnd + width;
    this.#unhashedEnd = areaEnd(body, this.#hashedEnd, width);
    const unhashed = new SubpacketWalk(body, this.#unhashedStart, this.#unhashedEnd);
    while (unhashed.next());
    // §5.2.3.11: the creation time MUST be present in the hashed area.
    if (created === undefined) throw new OpenPgpError('BAD_PACKET', 'a signature without a creation time');
    this.created = created;
  }

  get hashed(): readonly Subpacket[] {
    this.#hashed ??= readSubpackets(this.packet.body, this.#hashedStart, this.#hashedEnd);
    return this.#hashed;
  }

  get unhashed(): readonly Subpacket[] {
    this.#unhashed ??= readSubpackets(this.packet.body, this.#unhashedStart, this.#unhashedEnd);
    return this.#unhashed;
  }

  get hashedPart(): Uint8Array {
    return this.packet.body.subarray(0, this.#hashedEnd);
  }

  get tail(): Uint8Array {
    return this.packet.body.subarray(this.#unhashedEnd);
  }

  get issuers(): readonly IssuerClaim[] {
    this.#issuers ??= this.#claims();
    return this.#issuers;
  }

  #claims(): IssuerClaim[] {
    const { body } = this.packet;
    const claimed = claims(body, this.#hashedStart, this.#hashedEnd);
    return claimed.length > 0 ? claimed : claims(body, this.#unhashedStart, this.#unhashedEnd);
  }
}

/** Where an area ends whose length, of `width` octets, is at `at`. Throws `OutOfBytes`. */
function areaEnd(body: Uint8Array, at: number, width: 2 | 4): number {
  const start = at + width;
  if (start > body.length) throw new OutOfBytes('the length of an area is cut off');
  const length = width === 4 ? uint32At(body, at) : ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  if (length > body.length - start) throw new OutOfBytes('an area is cut off');
  return start + length;
}

/** What the last creation time says. Throws for an area that is not in order. */
function createdIn(walk: SubpacketWalk): number | undefined {
  let created: number | undefined;
  while (walk.next()) {
    if (walk.type === subpacket.CREATED) created = walk.bodyLength === 4 ? walk.uint32() : undefined;
  }
  return created;
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

/** Those of one area, which is in order. A fingerprint says all that a key ID beside it says. */
function claims(octets: Uint8Array, start: number, end: number): IssuerClaim[] {
  const fingerprints: IssuerClaim[] = [];
  const keyIds: IssuerClaim[] = [];
  const walk = new SubpacketWalk(octets, start, end);
  while (walk.next()) {
    if (walk.type === subpacket.ISSUER_FINGERPRINT && walk.bodyLength > 1) {
      const fingerprint = toHex(octets.subarray(walk.bodyStart + 1, walk.end));
      fingerprints.push({ fingerprint, keyId: keyIdOf(fingerprint) });
    } else if (walk.type === subpacket.ISSUER && walk.bodyLength === 8) {
      keyIds.push({ fingerprint: undefined, keyId: toHex(walk.body()) });
    }
  }
  return fingerprints.length > 0 ? fingerprints : keyIds;
}

/**
 * True when the signature names this key, or names nobody. Of several unhashed claims any will do: somebody
 * who adds a false one to a signature must not take it away from its maker.
 */
export function mayBeIssuedBy(
  signature: Signature,
  key: { readonly fingerprint: string; readonly keyId: string },
): boolean {
  const { issuers } = signature;
  if (issuers.length === 0) return true;
  return issuers.some((claim) =>
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
