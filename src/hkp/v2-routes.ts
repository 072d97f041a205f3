import type { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { HkpError } from './error.ts';
import { prefixlog } from './prefixlog.ts';
import type { HkpService } from './service.ts';
import { byIdentity, byKeyId, byVersionedFingerprint, canonical, identityIndex } from './v2-certs.ts';
import { submitBundle } from './v2-submit.ts';

const V2 = '/pks/v2';

/** draft-ietf-openpgp-hkp-01, and the one-part `by-vfingerprint` of draft-gallagher-openpgp-hkp-10. */
export function addV2Routes(router: Router, service: HkpService): void {
  router.get(`${V2}/certs/by-vfingerprint/:version/:fingerprint`, (ctx) => {
    const { version = '', fingerprint = '' } = ctx.params;
    return byVersionedFingerprint(ctx, service, version + fingerprint);
  });
  const byOne = [
    ['certs/by-vfingerprint', byVersionedFingerprint],
    ['certs/by-keyid', byKeyId],
    ['certs/by-identity', byIdentity],
    ['canonical', canonical],
    ['index', identityIndex],
    ['prefixlog', prefixlog],
  ] as const;
  for (const [category, answer] of byOne) {
    router.get(`${V2}/${category}/:id`, (ctx) => answer(ctx, service, ctx.params['id'] ?? ''));
    router.get(`${V2}/${category}`, noListing);
  }
  router.get(`${V2}/certs`, noListing);
  router.post(`${V2}/certs`, (ctx) => submitBundle(ctx, service));
  router.options(`${V2}/certs`, (ctx) => {
    // §5.2.6: what a submission may be. No tokens are asked for and none are given out.
    ctx.set({ Allow: 'GET, HEAD, POST, OPTIONS', Accept: 'application/pgp, application/pgp-keys' });
    ctx.body = '';
  });
}

/** §5.1.7: a category is there, but not to be read as a whole. */
function noListing(): never {
  throw new HkpError('NO_LISTING', 'say which certificates: this category cannot be listed as a whole');
}

/**
 * Whatever else is asked for below /pks/v2, with any method, is not offered: 501 (§4.2). That holds for
 * `PUT canonical`, and for `sendtoken` where this server sends no mails.
 */
export function refuseUnknownV2(): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.body !== undefined || !/^\/pks\/v2(?:\/|$)/i.test(ctx.path)) return;
    if (ctx.status === 404 || ctx.status === 405) {
      throw new HkpError('NOT_OFFERED', 'this category or operation is not offered');
    }
  };
}
