import { VouchError } from '../error.ts';

/** Everything the keystore room throws. */
export type KeystoreErrorCode =
  /** The page token was not made by `find` for these terms. */
  | 'BAD_PAGE_TOKEN'
  /** A question that has no answer: no terms, too many, a limit or sequence that is not a whole number. */
  | 'BAD_QUERY'
  /** A tombstone or document that cannot be kept: a name or text too long, a value that JSON has no word for. */
  | 'BAD_ITEM'
  /** No page could be filled within the bound on work: every term is carried by very many certificates. */
  | 'TOO_BROAD'
  /** A record of another fingerprint than the one named, or a name that is not a fingerprint. */
  | 'WRONG_FINGERPRINT'
  /** The store was closed. */
  | 'CLOSED'
  /** Another process has the store open. */
  | 'LOCKED'
  /** The folder of the store cannot be made or written. */
  | 'UNWRITABLE'
  /** There is no store in the folder, and none was to be made. */
  | 'NO_STORE'
  /** The store's files or rows contradict themselves or cannot be decoded. */
  | 'CORRUPT'
  /** The store was written by a newer Vouch, or by another program. */
  | 'WRONG_FORMAT'
  /** The disk refused a read. */
  | 'READ_FAILED'
  /** The disk refused a write; where one process writes, nothing more is written until the store is opened again. */
  | 'WRITE_FAILED'
  /** The database that holds the store does not answer, or not in time; it is asked again with the next call. */
  | 'UNAVAILABLE'
  /** The address of a database that cannot be one. */
  | 'BAD_ADDRESS';

export class KeystoreError extends VouchError<KeystoreErrorCode> {}
