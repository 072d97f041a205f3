/*
 * What verifying an image found out. Facts only: whether that is enough is decided elsewhere. Only a
 * `ValidSignature` has a `signer`; whatever the others name is a claim or an attribution, never an identity.
 */
import type { Certificate } from '../openpgp/certificate.ts';
import type { IssuerClaim } from '../openpgp/signature.ts';
import type { KeyLabel } from './key-source.ts';

export interface ImageReport {
  /**
   * True when nothing is wrong with the image as a whole and every task is verified. With a selection of
   * groups or objects that says nothing of the rest of the image.
   */
  readonly verified: boolean;
  /** False when only chosen groups or objects were looked at. Admission needs true. */
  readonly complete: boolean;
  readonly faults: readonly ImageFault[];
  /** One for each group, in order of group ID; with a selection, groups first, then objects. */
  readonly tasks: readonly TaskReport[];
  /** IDs of signature objects that belong to no group and sign none: nothing covers them, nothing reads them. */
  readonly strayObjects: readonly number[];
  /**
   * IDs of legacy signatures (Singularity 3.0 to 3.5), as they say of themselves. They count for nothing, so
   * nothing of them is verified.
   */
  readonly legacySignatures: readonly number[];
  /** Octets behind the last object: covered by no signature. */
  readonly trailingOctets: number;
  /** SHA-256 of the whole file, lower-case hexadecimal, when it was asked for and contents were read. */
  readonly fileDigest?: string;
}

/** What is wrong with the image whatever its signatures say. */
export type ImageFault =
  /** No object at all. */
  | { readonly code: 'NO_OBJECTS' }
  /** Objects, but none in a group. */
  | { readonly code: 'NO_GROUPS' }
  /** An object other than a signature is in no group, so no signature can cover it. */
  | { readonly code: 'UNGROUPED_OBJECT'; readonly objectId: number };

/** One group, or one object of a group when it was asked for alone. */
export interface TaskReport {
  readonly groupId: number;
  /** Set when this object alone was asked for. */
  readonly objectId?: number;
  /** IDs of the objects that each signature has to cover, in table order. */
  readonly objects: readonly number[];
  /** Unsigned: no signature is linked. Verified: there are signatures, and every one is valid. */
  readonly verdict: 'verified' | 'refused' | 'unsigned';
  /** Every signature linked to the group but the legacy ones, in table order. */
  readonly signatures: readonly SignatureReport[];
}

export type SignatureReport = ValidSignature | InvalidSignature | UnknownSigner;

/** What every line about a signature begins with. */
export interface SignatureObject {
  /** ID of the signature object. */
  readonly signatureId: number;
  readonly format: SignatureFormat;
  /** Fingerprint in the descriptor, upper-case hexadecimal, 40 or 64 digits: anybody can write it there. */
  readonly claimedFingerprint?: string;
}

export type SignatureFormat = 'pgp' | 'dsse' | 'unknown';

/** The signature is good, its maker is known, and all that it has to cover is as it was signed. */
export interface ValidSignature extends SignatureObject {
  readonly outcome: 'valid';
  readonly signer: Signer;
  /** IDs of the objects covered, in table order. */
  readonly objects: readonly number[];
  /** When it was made, in seconds since 1970, as the signer says. DSSE has no time. */
  readonly created?: number;
}

export interface InvalidSignature extends SignatureObject {
  readonly outcome: 'invalid';
  readonly reason: InvalidReason;
  /** What is wrong, in words, for people. */
  readonly detail: string;
  /** The object that differs, is missing or is not covered; undefined for a signed one that is not there. */
  readonly objectId?: number;
  /** Objects that were found to be as signed before the fault was met. */
  readonly objects: readonly number[];
  /** Whose key it was checked with, as far as that is known. Not a signer: nothing may be counted by it. */
  readonly attributedTo?: Signer;
}

/** Nobody's key is at hand. Content was not looked at. */
export interface UnknownSigner extends SignatureObject {
  readonly outcome: 'unknown-signer';
  /** Who the signature and the descriptor say made it. */
  readonly claims: readonly IssuerClaim[];
  /** Key IDs that a DSSE envelope names, as written there: hostile text. */
  readonly keyIds: readonly string[];
}

export type Signer = PgpSigner | KeySigner | CertificateSigner;

export interface PgpSigner {
  readonly kind: 'pgp';
  readonly certificate: Certificate;
  /** Fingerprint of the primary key: what trust is given to. */
  readonly fingerprint: string;
  /** Fingerprint of the primary key or subkey that made the signature. */
  readonly signingKey: string;
  readonly label: KeyLabel;
  /** The key can be broken by today's measure; Go accepts it. */
  readonly weak: boolean;
}

/** A public key that the caller gave. */
export interface KeySigner {
  readonly kind: 'key';
  /** `SHA256:` and the unpadded base64 of the digest of the key in SSH's encoding, as OpenSSH prints it. */
  readonly keyId: string;
}

/** The key of a code-signing certificate (X.509) that the caller gave. */
export interface CertificateSigner {
  readonly kind: 'x509';
  readonly keyId: string;
  /** Distinguished name, one line, as node:crypto writes it: hostile text. */
  readonly subject: string;
  /** SHA-256 of the certificate's DER, upper-case hexadecimal. */
  readonly certificateDigest: string;
}

export type InvalidReason = MessageReason | KeyReason | ContentReason;

/** The signature object itself cannot be used. */
export type MessageReason =
  /** Not looked at: the group has more than MAX_SIGNATURES_PER_GROUP before it. */
  | 'TOO_MANY'
  /** Neither a clear-signed message nor an envelope, or one that is not exactly as it has to be. */
  | 'BAD_FORMAT'
  /** The descriptor names a hash type that signatures are not made with. */
  | 'BAD_HASH_TYPE'
  /** The OpenPGP signature uses a digest that is refused: MD5, SHA-1, RIPEMD-160, unknown ones. */
  | 'WEAK_HASH'
  /** The signature does not fit the message and the key. */
  | 'BAD_SIGNATURE'
  /** It says something that must be understood and is not (critical subpacket or notation). */
  | 'UNKNOWN_CRITICAL'
  /** Made for something else than a message. */
  | 'WRONG_TYPE'
  | 'SIGNATURE_EXPIRED'
  | 'SIGNATURE_FROM_FUTURE'
  /** What is signed is not the description of an image: not exactly the JSON that signers write. */
  | 'BAD_METADATA';

/** The signature fits, its key must not be used. */
export type KeyReason =
  | 'KEY_EXPIRED'
  | 'KEY_REVOKED'
  /** The key is not allowed to sign, or not bound to its certificate at this time. */
  | 'KEY_CANNOT_SIGN'
  /** The descriptor names another key than the one that signed. */
  | 'WRONG_FINGERPRINT'
  /** X.509: outside the time it is valid for. */
  | 'CERTIFICATE_EXPIRED'
  /** X.509: no chain to a given root, or one that may not sign code. */
  | 'CERTIFICATE_UNTRUSTED';

/** What was signed is not what is there. */
export type ContentReason =
  /** An object of the group is not covered. */
  | 'OBJECT_NOT_SIGNED'
  /** A covered object is not there. */
  | 'OBJECT_MISSING'
  | 'HEADER_CHANGED'
  | 'DESCRIPTOR_CHANGED'
  | 'CONTENT_CHANGED';
