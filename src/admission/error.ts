import { VouchError } from '../error.ts';

export type AdmissionErrorCode =
  /** Another process has the state open. */
  | 'LOCKED'
  /** The state folder cannot be made, opened or written. */
  | 'STATE_UNUSABLE'
  /** More requests wait than are allowed; the caller is to come back. */
  | 'QUEUE_FULL'
  /** The decision log cannot be written. */
  | 'LOG_UNWRITABLE'
  /** A decision log that is damaged or was changed; the message names file and line. */
  | 'LOG_BROKEN'
  /** The key that signs the log's checkpoints cannot be read or made. */
  | 'BAD_LOG_KEY'
  /** A folder of keys that cannot be read. */
  | 'KEYS_UNREADABLE'
  /** An image that cannot be copied into the store; the message says why. */
  | 'PROMOTE_FAILED'
  /** What was asked for does not exist. */
  | 'NOT_FOUND'
  /** A request that is not as the API has it; the message names what is wrong. */
  | 'BAD_REQUEST'
  /** Not for this caller. */
  | 'FORBIDDEN'
  /** The service is not ready to decide. */
  | 'NOT_READY';

export class AdmissionError extends VouchError<AdmissionErrorCode> {}
