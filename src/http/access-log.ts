import type { Middleware } from 'koa';
import type { Log, LogFields } from '../log.ts';
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
    const { method, path, status, length: octets = 0 } = ctx;
    const { remoteAddress } = ctx.req.socket;
    const took = now() - start;
    log.info(
      'request',
      requestFields({ id: requestIdOf(ctx), method, path, status, took, octets, remoteAddress }),
    );
  };
}

export interface AnsweredRequest {
  readonly id: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Milliseconds. */
  readonly took: number;
  /** Of the answer's body. */
  readonly octets: number;
  readonly remoteAddress: string | undefined;
}

/** What the line of a request tells. */
export function requestFields({ path, took, remoteAddress, ...rest }: AnsweredRequest): LogFields {
  const { id, method, status, octets } = rest;
  return {
    id,
    method,
    path: path.slice(0, MAX_LOGGED_PATH),
    status,
    milliseconds: took,
    octets,
    address: remoteAddress ?? null,
  };
}
