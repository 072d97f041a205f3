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
  | 'BAD_CERTIFICATE'
  /** Not one cleartext-signed message and nothing else, or over a limit on it; the message says what is wrong. */
  | 'BAD_CLEARTEXT'
  /** A secret key that cannot be read, or whose secret part does not belong to its public part. */
  | 'BAD_SECRET_KEY'
  /** The secret part is protected and no passphrase was given. */
  | 'LOCKED_KEY'
  /** The passphrase does not open the secret part. */
  | 'WRONG_PASSPHRASE'
  /** The secret part is protected in a way that is not read here: obsolete, or unknown. */
  | 'UNSUPPORTED_PROTECTION'
  /** The file has the public part only: the secret one is kept offline or on a card. */
  | 'NO_SECRET_PART'
  /** No key of the certificate may sign now; the message says why. */
  | 'CANNOT_SIGN'
  /** A name, an address, a size or a date that no key is made with. */
  | 'BAD_KEY_OPTION';

export class OpenPgpError extends VouchError<OpenPgpErrorCode> {}
