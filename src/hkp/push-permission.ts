/* Who may change what, as far as the protocol has to know; `access` says who. */
import type { Context } from 'koa';
import type { Certificate } from '../openpgp/certificate.ts';

/** What somebody may do with a certificate that was offered and checked. */
export type Permission =
  /** Store all of it. */
  | { readonly kind: 'all' }
  /** Only revocations of what is held already count: those can only do good, whoever brings them. */
  | { readonly kind: 'revocations'; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Whoever pushes, once known. */
export interface Pusher {
  /** For the log and the page: the name of a token, never the token. Undefined: anonymous. */
  readonly name?: string;
  /** Of a certificate that was checked; asked once for each in an upload. */
  permits(certificate: Certificate): Promise<Permission>;
}

export interface PushControl {
  /**
   * Who pushes, by the headers of the request, before the body is read. `formToken` is what a browser's form
   * has in a field, since it cannot send the header: it counts as credentials of its own. Throws an `HttpError`: `UNAUTHORIZED`
   * without a token where not even a revocation would be taken, and with one that is wrong, revoked or
   * expired; `FORBIDDEN` for a token that may not push at all; `TOO_MANY_REQUESTS`; `BAD_REQUEST` for
   * credentials sent twice.
   */
  pusher(ctx: Context, formToken?: string): Promise<Pusher>;
  /** `keyserver login`: passes when the request has no credentials or good ones; else throws as `pusher` does. */
  checkCredentials(ctx: Context): Promise<void>;
}
