import { VouchError } from '../error.ts';

/** Everything the sif room throws on purpose. */
export type SifErrorCode =
  /** The file does not begin as a SIF image does, or is of a version that is not known. */
  | 'NOT_A_SIF'
  /** A header that contradicts itself, the table or the file. */
  | 'BAD_HEADER'
  /** A descriptor that cannot be, or that contradicts another or the file. */
  | 'BAD_DESCRIPTOR'
  /** Over a limit of `limits.ts`; the message names it. */
  | 'TOO_LARGE'
  /** No data object has the ID asked for. */
  | 'NO_SUCH_OBJECT'
  /** All descriptors are in use. */
  | 'TABLE_FULL'
  /** What is to be written is not allowed in an image: name too long, second primary partition, … */
  | 'BAD_INPUT'
  /** Another change of the image is under way, or one was interrupted and cannot be undone. */
  | 'IN_USE';

/** The message says what was wrong and, where something helps, what to do. It names no path. */
export class SifError extends VouchError<SifErrorCode> {}
