import { VouchError } from '../error.ts';

/** Everything the keyring room throws. */
export type KeyringErrorCode =
  /** A key file or its folder cannot be read. */
  | 'UNREADABLE'
  /** A key file or its folder cannot be written. */
  | 'UNWRITABLE'
  /** A key file is larger than any keyring is. */
  | 'TOO_LARGE'
  /** Another process has held the lock of the folder for as long as we wait. */
  | 'BUSY'
  /** Another program changed the file again and again while it was being written. */
  | 'CHANGED'
  /** What names a key is not a key ID or fingerprint. */
  | 'BAD_NAME'
  /** No key in the keyring is named so. */
  | 'NO_SUCH_KEY'
  /** More than one key is named so; the message lists them. */
  | 'AMBIGUOUS'
  /** The key is in the keyring already. */
  | 'ALREADY_HELD';

export class KeyringError extends VouchError<KeyringErrorCode> {}
