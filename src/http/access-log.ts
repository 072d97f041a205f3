import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import type { Log } from '../log.ts';
import { requestIdOf } from './request-id.ts';

/** Enough for every path of the protocol with a v6 fingerprint; the rest of a longer one is an attack. */
const MAX_LOGGED_PATH = 160;

/** What became of a request. */
export interface Answered {
  readonly id: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Of the body. */
  readonly octets: number;
}

/** One line per request. The query is left out: it holds whom people look for, and keytext from old clients. */
export function logRequest(log: Log, request: IncomingMessage, answered: Answered): void {
  log.info('request', {
    id: answered.id,
    method: request.method,
    path: answered.path.slice(0, MAX_LOGGED_PATH),
    status: answered.status,
    milliseconds: answered.milliseconds,
    octets: answered.octets,
    address: request.socket.remoteAddress ?? null,
  });
}

/** `now` gives milliseconds. */
export function accessLog(log: Log, now: () => number): Middleware {
  return async (ctx, next) => {
    const start = now();
    await next();
    const { path, status } = ctx;
    const octets = ctx.length ?? 0;
    logRequest(log, ctx.req, { id: requestIdOf(ctx), path, status, milliseconds: now() - start, octets });
  };
}
