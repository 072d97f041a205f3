import { VouchError } from '../error.ts';

/** Everything the access room throws, but for the answers to a request, which are `HttpError`. */
export type AccessErrorCode =
  /** A configured network that is not an address or an address with a prefix length. */
  'BAD_NETWORK';

export class AccessError extends VouchError<AccessErrorCode> {}
