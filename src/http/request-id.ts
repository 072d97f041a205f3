import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';

const ids = new WeakMap<object, string>();

/**
 * Gives every request an identifier, sent back as `X-Request-Id`, so that a complaint can be found in the
 * log. What a client sends under that name is not taken over: it would put foreign text into the log.
 */
export function requestId(): Middleware {
  return async (ctx, next) => {
    const id = randomUUID();
    ids.set(ctx.req, id);
    ctx.set('X-Request-Id', id);
    await next();
  };
}

/** The identifier of the request under way; empty outside `requestId`. */
export function requestIdOf(ctx: Context): string {
  return ids.get(ctx.req) ?? '';
}
