import { VouchError } from '../error.ts';

export type CliErrorCode =
  /** A command line that cannot be understood; the message says what to write instead. */
  | 'USAGE'
  /** A file or folder named on the command line is not there. */
  | 'NO_SUCH_FILE'
  /** A file named on the command line cannot be read. */
  | 'UNREADABLE_FILE'
  /** A file or folder named on the command line cannot be written. */
  | 'UNWRITABLE_FILE'
  /** A question that nobody answered, or not so that anything can be made of it. */
  | 'NO_ANSWER'
  /** The daemon cannot be asked, or what answers is none; the message says what to do. */
  | 'NO_DAEMON'
  /** The daemon answers that it will not. */
  | 'DAEMON_REFUSED'
  /** Somebody at the terminal stopped the command. */
  | 'INTERRUPTED';

export class CliError extends VouchError<CliErrorCode> {}
