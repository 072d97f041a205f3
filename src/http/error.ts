import { VouchError } from '../error.ts';

/** Everything the http room throws. `hkp/status.ts` gives each a status. */
export type HttpErrorCode =
  /** A request target or header that cannot be read. */
  | 'BAD_REQUEST'
  /** A form that is not what its Content-Type says. */
  | 'BAD_FORM'
  /** A request body over the limit; the message names it. */
  | 'BODY_TOO_LARGE'
  /** The client went away in the middle of its request. */
  | 'BODY_ABORTED'
  /** A request body with a Content-Encoding. */
  | 'UNSUPPORTED_ENCODING'
  /** A request body of a type that is not taken here. */
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'NO_SUCH_PAGE'
  | 'METHOD_NOT_ALLOWED'
  /** More requests than the client may make; `Retry-After` says when to come back. */
  | 'TOO_MANY_REQUESTS'
  /** Another process listens on the address. */
  | 'ADDRESS_IN_USE'
  /** The address is not one this process can listen on. */
  | 'LISTEN_FAILED'
  /** As a client: nobody takes the connection, or it broke; `cause.code` says how. */
  | 'UNREACHABLE'
  /** As a client: no answer in the time that was given. */
  | 'ANSWER_LATE'
  /** As a client: more octets than the answer may have. */
  | 'ANSWER_TOO_LARGE';

/** `headers` go into the answer: `Allow`, `Retry-After`. */
export class HttpError extends VouchError<HttpErrorCode> {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: HttpErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code, message, options);
    this.headers = options.headers ?? {};
  }
}
