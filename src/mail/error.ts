import { VouchError } from '../error.ts';

/** Everything the mail room throws, but for the answers to a request, which are `HttpError`. */
export type MailErrorCode =
  /** The file with the password of the mail server cannot be read. */
  | 'NO_PASSWORD'
  /** Something kept about proofs cannot be read. */
  | 'CORRUPT_PROOF';

export class MailError extends VouchError<MailErrorCode> {}
