import type { Context, Middleware } from 'koa';
import { HttpError } from '../http/error.ts';
import { credentialsHeader } from './credentials.ts';
import { holdsToken } from './token-text.ts';

/** What the address becomes, so that nothing behind this, the access log least of all, sees the token. */
const REDACTED = '/[token]';

/**
 * Refuses a request with two sets of credentials, and one with a token in its address: addresses end up in
 * the logs of proxies and in the histories of browsers (RFC 6750 §5.3). Stands before everything that may
 * log or refuse an address. Throws `BAD_REQUEST`.
 */
export function refuseUnclearCredentials(): Middleware {
  return (ctx, next) => {
    if (hasTokenInAddress(ctx.req)) {
      ctx.req.url = REDACTED;
      throw new HttpError(
        'BAD_REQUEST',
        'there is a token in the address of this request; revoke it, and send its successor in the header Authorization',
      );
    }
    credentialsHeader(ctx);
    return next();
  };
}

/** Whether a request has nothing at all that could be credentials, so that nothing about them can be unclear. */
export function bringsNoCredentials(request: Context['req']): boolean {
  const { authorization, authentication } = request.headers;
  return authorization === undefined && authentication === undefined && !hasTokenInAddress(request);
}

/** RFC 6750 §2.3 names the variable `access_token`; it is refused whatever it holds. */
function hasTokenInAddress({ url = '' }: Context['req']): boolean {
  if (holdsToken(url) || /[?&]access_token=/i.test(url)) return true;
  return url.includes('%') && holdsToken(decoded(url));
}

/** What cannot be decoded is left as it is. */
function decoded(address: string): string {
  return address.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
