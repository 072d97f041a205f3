import type { LeftOut } from '../openpgp/left-out.ts';
import type { OpenPgpErrorCode } from '../openpgp/error.ts';
import type { Pusher } from './push-permission.ts';

/** A certificate of an upload that is now held. */
export interface AcceptedCertificate {
  readonly version: 4 | 6;
  /** Upper-case hexadecimal, of the primary key. */
  readonly fingerprint: string;
  readonly outcome: 'inserted' | 'updated' | 'unchanged';
  readonly leftOut: readonly LeftOut[];
  /**
   * Fingerprints of revokers named by its owner whose keys are not held, and revocations by whom were left out: present
   * where there are any. Handed in again when they are held, the certificate may be revoked.
   */
  readonly awaited?: readonly string[];
}

/** A certificate, or a bare revocation, of an upload of which nothing is stored. */
export interface RefusedCertificate {
  readonly version?: number;
  readonly fingerprint?: string;
  readonly code: RefusalCode;
  /** One line for the person who uploaded it. */
  readonly reason: string;
}

export type RefusalCode =
  | OpenPgpErrorCode
  /** The operator does not accept this fingerprint, or it was removed for good: a primary key's or a subkey's. */
  | 'BLOCKED'
  /** Whoever pushes may not push this certificate, or only its revocations, and it brings none that is new. */
  | 'FORBIDDEN'
  /** An address on it is not proven yet; the reason says what was mailed. */
  | 'UNPROVEN'
  /** A bare revocation whose certificate is not held here, or that does not verify. */
  | 'REVOCATION_WITHOUT_CERTIFICATE'
  /** `options=nm` and something would have been left out. */
  | 'WOULD_MODIFY';

export interface SubmissionReport {
  readonly accepted: readonly AcceptedCertificate[];
  readonly refused: readonly RefusedCertificate[];
}

export interface SubmitOptions {
  /** `options=nm` (draft-shaw-openpgp-hkp-00 §4.1): refuse what could not be kept unchanged. */
  readonly noModification: boolean;
  /** Whoever pushes, asked about each certificate once it is checked. Absent: everything is permitted. */
  readonly pusher?: Pusher;
}

/**
 * Checks and stores the certificates and bare revocations of one binary keyring. Rejects with an
 * `OpenPgpError` when the upload as a whole is refused (secret key material, not OpenPGP, over a limit);
 * nothing is stored then.
 */
export type Submit = (keyring: Uint8Array, options: SubmitOptions) => Promise<SubmissionReport>;
