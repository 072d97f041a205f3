import { VouchError } from '../error.ts';

/** Everything the access room throws, but for the answers to a request, which are `HttpError`. */
export type AccessErrorCode =
  /** A configured network that is not an address or an address with a prefix length. */
  | 'BAD_NETWORK'
  /** A token that is not made: its name, its end or one of its rules cannot be. The message says which. */
  | 'BAD_TOKEN'
  /** As many tokens as are kept are good at the same time. */
  | 'TOO_MANY_TOKENS'
  /** There is no token with this ID. */
  | 'NO_SUCH_TOKEN'
  /** What is kept of a token cannot be read. */
  | 'CORRUPT_TOKEN';

export class AccessError extends VouchError<AccessErrorCode> {}
