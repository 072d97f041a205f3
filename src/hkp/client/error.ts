import { VouchError } from '../../error.ts';

/** Everything the client throws. That a keystore has no such key is no error. */
export type HkpClientErrorCode =
  /** An address that is not one of a keystore. */
  | 'BAD_URL'
  /** No connection, or one that broke. */
  | 'UNREACHABLE'
  | 'TIMEOUT'
  /** More octets than an answer may have. */
  | 'ANSWER_TOO_LARGE'
  /** A redirect to nowhere, to a weaker connection, or one too many. */
  | 'BAD_REDIRECT'
  /** The keystore wants to know who asks (401). */
  | 'UNAUTHORIZED'
  /** Any other status that is not one of success; the message has it and the keystore's own words. */
  | 'REFUSED'
  /** An answer that is not what was asked for. */
  | 'BAD_ANSWER'
  /** The keystore sent keys, and none of them is the one that was asked for. */
  | 'WRONG_CERTIFICATE';

export class HkpClientError extends VouchError<HkpClientErrorCode> {}
