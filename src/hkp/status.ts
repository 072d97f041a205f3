/*
 * HTTP statuses of everything that may be thrown on the way to an answer. The maps are total: a new code
 * does not compile until someone decides its status. There is no 502, 503 or 504: dirmngr gives up a host
 * that answers those for more than an hour (hkp.md 1.8.1).
 */
import { HttpError, type HttpErrorCode } from '../http/error.ts';
import { KeystoreError, type KeystoreErrorCode } from '../keystore/error.ts';
import { OpenPgpError, type OpenPgpErrorCode } from '../openpgp/error.ts';
import { HkpError, type HkpErrorCode } from './error.ts';
import type { RefusalCode } from './submission.ts';

const HTTP: Readonly<Record<HttpErrorCode, number>> = {
  BAD_REQUEST: 400,
  BAD_FORM: 400,
  // The client is gone; this goes into the log.
  BODY_ABORTED: 400,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_ENCODING: 415,
  UNSUPPORTED_MEDIA_TYPE: 415,
  NO_SUCH_PAGE: 404,
  METHOD_NOT_ALLOWED: 405,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  TOO_MANY_REQUESTS: 429,
  ADDRESS_IN_USE: 500,
  LISTEN_FAILED: 500,
  UNREACHABLE: 500,
  ANSWER_LATE: 500,
  ANSWER_TOO_LARGE: 500,
};

const HKP: Readonly<Record<HkpErrorCode, number>> = {
  BAD_PERCENT: 400,
  TOO_MANY_VARIABLES: 400,
  MISSING_OP: 400,
  UNKNOWN_OP: 501,
  MISSING_SEARCH: 400,
  BAD_SEARCH: 400,
  SEARCH_TOO_LONG: 414,
  BAD_PAGE_TOKEN: 400,
  NO_MATCH: 404,
  AMBIGUOUS: 404,
  NOT_IN_LEGACY: 404,
  MISSING_KEYTEXT: 400,
  NOT_A_KEY_BLOCK: 400,
  // draft-ietf-openpgp-hkp §4.2: "Submission was not well formed".
  ARMORED: 422,
  NOT_OFFERED: 501,
  NO_LISTING: 403,
  BAD_IDENTIFIER: 400,
  BAD_HASHQUERY: 400,
  TOKEN_NOT_GOOD: 404,
  NO_PUBLIC_URL: 404,
  CROSS_SITE: 403,
  BAD_REMOVAL: 400,
  REMOVAL_REFUSED: 403,
  BAD_NUMBER: 400,
};

/** 400 for what cannot be read and for secret keys, 422 for what can be read and is not taken. */
const OPENPGP: Readonly<Record<OpenPgpErrorCode, number>> = {
  NO_ARMOR: 400,
  BAD_ARMOR: 400,
  BAD_PACKET: 400,
  SECRET_KEY: 400,
  UPLOAD_TOO_LARGE: 413,
  CERTIFICATE_TOO_LARGE: 413,
  UNEXPECTED_PACKET: 422,
  UNSUPPORTED_KEY: 422,
  NOTHING_VALID: 422,
  BAD_CERTIFICATE: 422,
  // What signs and what reads signed messages has no part in serving; these never get here.
  BAD_CLEARTEXT: 500,
  BAD_SECRET_KEY: 500,
  LOCKED_KEY: 500,
  WRONG_PASSPHRASE: 500,
  UNSUPPORTED_PROTECTION: 500,
  NO_SECRET_PART: 500,
  CANNOT_SIGN: 500,
  BAD_KEY_OPTION: 500,
};

const KEYSTORE: Readonly<Record<KeystoreErrorCode, number>> = {
  BAD_PAGE_TOKEN: 400,
  BAD_QUERY: 400,
  // Tombstones and documents are made by this server, never by a request.
  BAD_ITEM: 500,
  TOO_BROAD: 400,
  WRITE_FAILED: 507,
  WRONG_FINGERPRINT: 500,
  CLOSED: 500,
  LOCKED: 500,
  UNWRITABLE: 500,
  NO_STORE: 500,
  CORRUPT: 500,
  WRONG_FORMAT: 500,
  READ_FAILED: 500,
  // What 503 is for; but see above.
  UNAVAILABLE: 500,
  BAD_ADDRESS: 500,
};

const REFUSAL: Readonly<Record<RefusalCode, number>> = {
  ...OPENPGP,
  BLOCKED: 403,
  FORBIDDEN: 403,
  UNPROVEN: 403,
  REVOCATION_WITHOUT_CERTIFICATE: 422,
  WOULD_MODIFY: 422,
};

/** 500 for whatever was not thrown on purpose. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError) return HTTP[error.code];
  if (error instanceof HkpError) return HKP[error.code];
  if (error instanceof OpenPgpError) return OPENPGP[error.code];
  if (error instanceof KeystoreError) return KEYSTORE[error.code];
  return 500;
}

/** That the database is away for a moment is no secret, and no fault that a log has to explain. */
export function tells(error: unknown): boolean {
  return error instanceof KeystoreError && error.code === 'UNAVAILABLE';
}

/** Of a push of which nothing was taken: what all refusals have in common, else 422. */
export function statusOfRefusals(codes: readonly RefusalCode[]): number {
  const [first, ...others] = new Set(codes.map((code) => REFUSAL[code]));
  return first === undefined || others.length > 0 ? 422 : first;
}
