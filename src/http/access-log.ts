import type { Middleware } from 'koa';
import type { Log } from '../log.ts';
import { requestIdOf } from './request-id.ts';

/** Enough for every path of the protocol with a v6 fingerprint; the rest of a longer one is an attack. */
const MAX_LOGGED_PATH = 160;

/**
 * One line per request. The query is left out: it holds whom people look for, and keytext from old clients.
 * `now` gives milliseconds.
 */
export function accessLog(log: Log, now: () => number): Middleware {
  return async (ctx, next) => {
    const start = now();
    await next();
    log.info('request', {
      id: requestIdOf(ctx),
      method: ctx.method,
      path: ctx.path.slice(0, MAX_LOGGED_PATH),
      status: ctx.status,
      milliseconds: now() - start,
      octets: ctx.length ?? 0,
      address: ctx.req.socket.remoteAddress ?? null,
    });
  };
}
