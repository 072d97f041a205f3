import { VouchError } from '../error.ts';

export type ConfigErrorCode =
  /** The configuration file named by a flag or the environment is not there. */
  | 'CONFIG_NOT_FOUND'
  /** The file is there and cannot be read, or is not UTF-8. */
  | 'CONFIG_UNREADABLE'
  /** Others than those who may decide could have written the file; the message says what to change. */
  | 'CONFIG_UNTRUSTED'
  /** Not TOML, or a key given twice; the message has file and line. */
  | 'BAD_TOML'
  /** A key that means nothing; the message names those that do. */
  | 'UNKNOWN_KEY'
  /** A value of the wrong type or out of range; the message says what is allowed. */
  | 'BAD_VALUE';

export class ConfigError extends VouchError<ConfigErrorCode> {}
