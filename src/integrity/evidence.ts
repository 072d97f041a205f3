/*
 * What an image's bytes prove by themselves, whoever's keys are known and whatever the time: which objects there
 * are, what its signatures say, and which of that is so. It is plain JSON, so that it can be kept under the
 * digest of the content. Nothing in it says who made a signature: that takes a key (`SignatureEvidence.message`).
 */
import type { ImageFault, InvalidReason } from './report.ts';

/** Raised when the meaning of a field changes: evidence of another version is made anew. */
export const EVIDENCE_VERSION = 2;

export interface ImageEvidence {
  readonly version: number;
  /** SHA-256 of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
  /** Octets of the file. */
  readonly size: number;
  readonly faults: readonly ImageFault[];
  /** Every object but signatures that are in no group, in table order. */
  readonly objects: readonly ObjectEvidence[];
  /** Modern signatures that are linked to a group, in table order, at most `MAX_SIGNATURES_PER_GROUP` of each. */
  readonly signatures: readonly SignatureEvidence[];
  readonly legacySignatures: readonly number[];
  readonly strayObjects: readonly number[];
  readonly trailingOctets: number;
}

export interface ObjectEvidence {
  readonly id: number;
  /** Undefined: in no group. */
  readonly group?: number;
  /** As `vouch sif list` names the data type. */
  readonly type: string;
  /** The primary system partition. */
  readonly primary: boolean;
}

export interface SignatureEvidence {
  readonly id: number;
  readonly group: number;
  readonly format: 'pgp' | 'dsse' | 'unknown';
  /** In the descriptor, upper-case hexadecimal, 40 or 64 digits: anybody can write it there. */
  readonly claimedFingerprint?: string;
  /** The signature object, base64; only of `pgp` ones without a fault of form, for keys to be tried on. */
  readonly message?: string;
  /** Objects that are as this signature says, in table order. */
  readonly covers: readonly number[];
  /** What is wrong, whoever made it. */
  readonly fault?: EvidenceFault;
}

export interface EvidenceFault {
  readonly reason: InvalidReason;
  readonly detail: string;
  readonly objectId?: number;
}
