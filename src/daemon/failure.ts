/*
 * What errors are on the wire: a status and a code. The maps are total: a new code does not compile until someone
 * decides what a client is told.
 */
import { AdmissionError } from '../admission/error.ts';
import type { AdmissionErrorCode } from '../admission/error.ts';
import { ConfigError } from '../config/error.ts';
import { HttpError } from '../http/error.ts';
import type { HttpErrorCode } from '../http/error.ts';
import { PolicyError } from '../policy/error.ts';

export interface Failure {
  readonly status: number;
  readonly code: string;
  /** Milliseconds after which it is worth asking again. */
  readonly retryAfter?: number;
}

const INTERNAL: Failure = { status: 500, code: 'INTERNAL' };
const BAD_REQUEST: Failure = { status: 400, code: 'BAD_REQUEST' };
const TOO_LARGE: Failure = { status: 413, code: 'TOO_LARGE' };

/** Long enough for a small image to be read. */
const RETRY_AFTER = 1000;

const ADMISSION: Readonly<Record<AdmissionErrorCode, Failure>> = {
  LOCKED: INTERNAL,
  STATE_UNUSABLE: INTERNAL,
  QUEUE_FULL: { status: 429, code: 'QUEUE_FULL', retryAfter: RETRY_AFTER },
  LOG_UNWRITABLE: { status: 500, code: 'LOG_UNAVAILABLE' },
  LOG_BROKEN: { status: 500, code: 'LOG_BROKEN' },
  BAD_LOG_KEY: INTERNAL,
  KEYS_UNREADABLE: { status: 422, code: 'KEYS_UNREADABLE' },
  PROMOTE_FAILED: { status: 422, code: 'PROMOTE_FAILED' },
  NOT_FOUND: { status: 404, code: 'NOT_FOUND' },
  BAD_REQUEST,
  FORBIDDEN: { status: 403, code: 'FORBIDDEN' },
  NOT_READY: { status: 503, code: 'NOT_READY', retryAfter: RETRY_AFTER },
};

const HTTP: Readonly<Record<HttpErrorCode, Failure>> = {
  BAD_REQUEST,
  BAD_FORM: BAD_REQUEST,
  BODY_TOO_LARGE: TOO_LARGE,
  BODY_ABORTED: BAD_REQUEST,
  UNSUPPORTED_ENCODING: { status: 415, code: 'BAD_REQUEST' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, code: 'BAD_REQUEST' },
  NO_SUCH_PAGE: { status: 404, code: 'NOT_FOUND' },
  METHOD_NOT_ALLOWED: { status: 405, code: 'BAD_REQUEST' },
  UNAUTHORIZED: { status: 401, code: 'FORBIDDEN' },
  FORBIDDEN: { status: 403, code: 'FORBIDDEN' },
  TOO_MANY_REQUESTS: { status: 429, code: 'QUEUE_FULL' },
  ADDRESS_IN_USE: INTERNAL,
  LISTEN_FAILED: { status: 500, code: 'LISTEN_FAILED' },
  UNREACHABLE: INTERNAL,
  ANSWER_LATE: INTERNAL,
  ANSWER_TOO_LARGE: INTERNAL,
};

/** 500 for whatever was not thrown on purpose. A policy that cannot be used is 422, with the policy's own code. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AdmissionError) return ADMISSION[error.code];
  if (error instanceof HttpError) return HTTP[error.code];
  if (error instanceof PolicyError || error instanceof ConfigError) return { status: 422, code: error.code };
  return INTERNAL;
}
