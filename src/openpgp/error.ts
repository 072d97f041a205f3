import { VouchError } from '../error.ts';

/** Everything the openpgp room throws. `hkp/status.ts` gives each a status. */
export type OpenPgpErrorCode =
  /** No armor where armor is needed, or armor of a kind that holds no certificate. */
  | 'NO_ARMOR'
  /** Armor that cannot be read: bad base64, no end line, too many or too long headers. */
  | 'BAD_ARMOR'
  /** Octets that are not a sequence of OpenPGP packets. */
  | 'BAD_PACKET'
  /** A packet of a kind that has no place in a keyring (encrypted or compressed data, unknown critical). */
  | 'UNEXPECTED_PACKET'
  /** The upload holds secret key material; nothing of it may be kept. */
  | 'SECRET_KEY'
  /** Over a limit on the whole upload; the message names it. */
  | 'UPLOAD_TOO_LARGE'
  /** Over a limit on one certificate; the message names it. */
  | 'CERTIFICATE_TOO_LARGE'
  /** A primary key of a version or algorithm that is not served here (v3, v5, unknown). */
  | 'UNSUPPORTED_KEY'
  /** Nothing in the certificate is bound to its primary key by a valid signature. */
  | 'NOTHING_VALID'
  /** A certificate whose bytes cannot be read. */
  | 'BAD_CERTIFICATE';

export class OpenPgpError extends VouchError<OpenPgpErrorCode> {}
