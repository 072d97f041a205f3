import { VouchError } from '../error.ts';

export type PolicyErrorCode =
  /** Not TOML or JSON, or a key given twice; the message has file and line. */
  | 'BAD_SYNTAX'
  /** A key that means nothing; the message has file, line and the key's path. */
  | 'UNKNOWN_KEY'
  /** A value of the wrong type or out of range. */
  | 'BAD_VALUE'
  /** Values that contradict each other: two rules for one folder, a set with a signer that is not there. */
  | 'INCONSISTENT'
  /** An ecl.toml that cannot be read, or whose meaning no policy has; the message says what to do. */
  | 'BAD_ECL'
  /** A table of cases for `vouch policy test` that cannot be read. */
  | 'BAD_CASES';

export class PolicyError extends VouchError<PolicyErrorCode> {}
