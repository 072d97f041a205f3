/*
 * What is known of an image when it is decided on: facts only, gathered by the admission room. Times are
 * seconds since 1970.
 */
import type { ImageFault, InvalidReason } from '../integrity/report.ts';
import type { Binding } from './policy.ts';

export interface ImageFacts {
  /** The real path of the opened file, as octets: Linux paths are not text. Absolute, without links. */
  readonly path: Uint8Array;
  readonly binding: Binding;
  readonly content: ImageContent | ImageProblem;
}

/** The image cannot be judged: it is none, or it could not be read. */
export interface ImageProblem {
  readonly kind: 'problem';
  readonly code: ProblemCode;
  /** In words, for people; may quote hostile text. */
  readonly text: string;
}

export type ProblemCode =
  /** Not a regular file, empty, or not beginning like a SIF image. */
  | 'NOT_SIF'
  /** A SIF image that contradicts itself. */
  | 'BAD_FORMAT'
  /** More octets, objects or signatures than are allowed. */
  | 'LIMIT'
  | 'IO_ERROR'
  /** The caller may not read it, or the daemon may not. Says nothing about whether it exists. */
  | 'NO_PERMISSION'
  | 'CHANGED_WHILE_READING'
  /** Not read to the end in the time that the caller gives. */
  | 'DEADLINE'
  /** The caller expects other bytes. */
  | 'EXPECTED_DIGEST_MISMATCH';

export interface ImageContent {
  readonly kind: 'content';
  /** Of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
  /** When these bytes were seen on this host for the first time. */
  readonly firstSeen: number;
  readonly faults: readonly ImageFault[];
  /** Every object but signatures that are in no group, in table order. */
  readonly objects: readonly ObjectFact[];
  /** Every modern signature, in table order. Legacy ones count for nothing and are not here. */
  readonly signatures: readonly SignatureFact[];
  /** How many legacy signatures there are, for the explanation. */
  readonly legacySignatures: number;
}

export interface ObjectFact {
  readonly id: number;
  /** Undefined: in no group. */
  readonly group?: number;
  /** As `vouch sif list` names it. */
  readonly type: string;
  readonly primary: boolean;
}

export interface SignatureFact {
  /** ID of the signature object. */
  readonly id: number;
  readonly group: number;
  readonly format: 'pgp' | 'dsse' | 'unknown';
  /**
   * Fingerprints that the descriptor and the signature name: claims, evidence of nothing. Upper-case hexadecimal,
   * 40 or 64 digits.
   */
  readonly claimed: readonly string[];
  /** Seconds since 1970, as the signature says. */
  readonly created?: number;
  /** IDs of the objects that are as this signature says. Whose signature it is, is another matter. */
  readonly covers: readonly number[];
  /** What is wrong with the signature or what it covers, whoever made it. */
  readonly fault?: SignatureFault;
  /**
   * Whose key made it: mathematics, nothing else. Undefined: nobody's whose certificate is at hand (or there
   * is a fault that keeps it from being verified).
   */
  readonly maker?: KeyFact;
}

export interface SignatureFault {
  readonly reason: InvalidReason;
  /** In words, for people. */
  readonly detail: string;
  readonly objectId?: number;
}

/** A key that made a signature, and what is known of it now. */
export interface KeyFact {
  /** Of the primary key, upper-case hexadecimal: who it is. */
  readonly fingerprint: string;
  /** Of the key that signed: the primary key or a subkey. */
  readonly signingKey: string;
  /** Which sources hold the certificate now. Neither: known from before only. */
  readonly local: boolean;
  readonly remote: boolean;
  /** Never allowed to sign data, in words: an encryption key, no valid self-signature, made in the future. */
  readonly cannotSign?: string;
  /** Too weak by today's measure, in words: RSA below 2048 bits, DSA. */
  readonly weak?: string;
  /** When the primary key, the subkey or its binding ends, whichever is first. */
  readonly expires?: number;
  /** Of the primary key or the subkey; hard before soft, earlier before later. */
  readonly revocation?: KeyRevocation;
  readonly standing: KeystoreStanding;
}

export interface KeyRevocation {
  /** Hard: no signature of the key counts, of whatever date (RFC 9580 §5.2.3.31). */
  readonly hard: boolean;
  /** When, as the revocation says. */
  readonly at: number;
  /** The reason in the owner's words: hostile text. */
  readonly text: string;
  /** Which source says so; `seen`: none that is at hand now, but one did before. */
  readonly from: 'LOCAL' | 'REMOTE' | 'LOCAL+REMOTE' | 'seen';
}

/** What the keystores say about a key, and since when. */
export interface KeystoreStanding {
  /** No keystore is configured: there is nothing that could be stale. */
  readonly asked: boolean;
  /** The last time that a keystore answered about this key, that it has it or that it has not. */
  readonly lastAnswer?: number;
  /** The last time that one had it. */
  readonly lastPresent?: number;
  /** It had the key and does not have it any more. Not a revocation. */
  readonly vanished: boolean;
  /** It gave less than before: a revocation or a newer self-signature is missing. */
  readonly rollback: boolean;
  /** It gave another certificate than the one that was asked for. */
  readonly conflict: boolean;
}
