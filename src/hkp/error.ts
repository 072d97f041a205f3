import { VouchError } from '../error.ts';

/** Everything the protocol itself throws. `status.ts` gives each a status. */
export type HkpErrorCode =
  /** A percent sign that is not followed by two hexadecimal digits. */
  | 'BAD_PERCENT'
  /** More variables in a query or a form, or parts in a multipart form, than anything has. */
  | 'TOO_MANY_VARIABLES'
  | 'MISSING_OP'
  | 'UNKNOWN_OP'
  | 'MISSING_SEARCH'
  /** A key ID, fingerprint or digest of a length that does not exist. */
  | 'BAD_SEARCH'
  | 'SEARCH_TOO_LONG'
  /** A page token that was not given out for this search. */
  | 'BAD_PAGE_TOKEN'
  /** Nothing is held that matches. */
  | 'NO_MATCH'
  /** Too much matches for an answer that may hold one certificate, or a few. */
  | 'AMBIGUOUS'
  /** The match is a v6 certificate, asked for in a way that old clients use. */
  | 'NOT_IN_LEGACY'
  /** A push without a key in it. */
  | 'MISSING_KEYTEXT'
  /** Armor of something else than keys. */
  | 'NOT_A_KEY_BLOCK'
  /** Armor where v2 demands binary. */
  | 'ARMORED'
  /** A v2 category, or an operation of one, that is not offered. */
  | 'NOT_OFFERED'
  /** A v2 category asked for without saying what of it. */
  | 'NO_LISTING'
  /** A v2 identifier or a date that cannot be one. */
  | 'BAD_IDENTIFIER'
  | 'BAD_HASHQUERY'
  /** A form that a page of another site sent. */
  | 'CROSS_SITE'
  /** The token service is asked about a token that is not good, or about none. */
  | 'TOKEN_NOT_GOOD'
  /** A signed request for removal that is not the text of this server, or not any more. */
  | 'BAD_REMOVAL'
  /** The signature under a request for removal does not count. */
  | 'REMOVAL_REFUSED'
  /** What names the server's own address is asked for, and it was not configured. */
  | 'NO_PUBLIC_URL'
  /** A variable that has to be a whole number. */
  | 'BAD_NUMBER';

export class HkpError extends VouchError<HkpErrorCode> {}
