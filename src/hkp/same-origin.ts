import type { Context } from 'koa';
import { HkpError } from './error.ts';

/**
 * Refuses a form that a page of another site sent (`CROSS_SITE`). Browsers say so in `Sec-Fetch-Site` (W3C
 * Fetch Metadata §2.3) where the connection is safe, and in `Origin` (RFC 6454 §7) otherwise; what is no browser
 * says nothing and has no user whose network could be misused.
 */
export function refuseCrossSite(ctx: Context, publicUrl: string | undefined): void {
  const site = ctx.get('Sec-Fetch-Site');
  if (site === 'same-origin' || site === 'none') return;
  if (site === '' && isOwn(ctx.get('Origin'), ctx.get('Host'), publicUrl)) return;
  throw new HkpError(
    'CROSS_SITE',
    'this form was sent by a page of another site; open it here and try again',
  );
}

/** By host and port: a proxy in front may have taken the TLS off. */
function isOwn(origin: string, host: string, publicUrl: string | undefined): boolean {
  if (origin === '') return true;
  if (!URL.canParse(origin)) return false;
  const sent = new URL(origin).host;
  return sent === host.toLowerCase() || (publicUrl !== undefined && sent === new URL(publicUrl).host);
}
