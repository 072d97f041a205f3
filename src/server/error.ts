import { VouchError } from '../error.ts';

export type ServerErrorCode =
  /** Not a backup, of a newer Vouch, cut short, or changed since it was written; the message says which. */
  | 'BAD_BACKUP'
  /** The file that is to be restored is not there. */
  | 'NO_BACKUP'
  /** A backup cannot be written or read back. */
  | 'BACKUP_FAILED'
  /** A store is restored and copied into an empty place only. */
  | 'NOT_EMPTY'
  /** A copied store is not the same as the one it was copied from. */
  | 'COPY_DIFFERS'
  /** The words of an operation are not those it takes. */
  | 'BAD_ARGUMENT'
  /** Nothing of that name: a job, a token, a tombstone. */
  | 'NOT_FOUND'
  /** Only a running server can do it. */
  | 'NOT_RUNNING'
  /** A file of settings that the server reads besides its configuration cannot be used: certificate and key. */
  | 'BAD_FILE';

/** Everything the server room throws of its own accord. */
export class ServerError extends VouchError<ServerErrorCode> {}
