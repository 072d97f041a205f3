import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';

export const REQUEST_ID = 'X-Request-Id';

const ids = new WeakMap<object, string>();

/**
 * The identifier of a new request, so that a complaint can be found in the log. What a client sends under that name
 * is not taken over: it would put foreign text into the log.
 */
export function newRequestId(): string {
  return randomUUID();
}

/** Gives every request an identifier, sent back as `X-Request-Id`. */
export function requestId(): Middleware {
  return async (ctx, next) => {
    const id = newRequestId();
    ids.set(ctx.req, id);
    ctx.set(REQUEST_ID, id);
    await next();
  };
}

/** The identifier of the request under way; empty outside `requestId`. */
export function requestIdOf(ctx: Context): string {
  return ids.get(ctx.req) ?? '';
}
