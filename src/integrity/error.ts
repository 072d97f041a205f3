import { VouchError } from '../error.ts';

/**
 * Everything the integrity room throws: wrong use and input that cannot be used. A signature that does not
 * verify is never an error, it is a line of the report.
 */
export type IntegrityErrorCode =
  /** A group was asked for that no object of the image is in. */
  | 'NO_SUCH_GROUP'
  /** An object was asked for that the image does not have, or that is in no group. */
  | 'NO_SUCH_OBJECT'
  /** There is no group that could be signed. */
  | 'NOTHING_TO_SIGN'
  /** A PEM file that holds no key or certificate that can be used. */
  | 'BAD_PEM'
  /** A key too short, or of a kind that signatures of images are not made with. */
  | 'UNSUPPORTED_KEY'
  /** More octets would have to be read than the caller allowed. */
  | 'TOO_MUCH_DATA';

export class IntegrityError extends VouchError<IntegrityErrorCode> {}
