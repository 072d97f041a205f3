import type { Middleware } from 'koa';

/** Counts requests. No figure has anything in it that a client chose but its method. */
export interface RequestMeter {
  /** Milliseconds that never go back. */
  now(): number;
  /** `route` is the pattern that the path matched. */
  count(route: string, method: string, status: number, milliseconds: number): void;
}

/** Stands before everything that may refuse a request. */
export function metered(meter: RequestMeter): Middleware {
  return async (ctx, next) => {
    const start = meter.now();
    await next();
    // The router leaves the pattern of the route there, never what the client wrote.
    const route = ctx['_matchedRoute'] === undefined ? 'none' : String(ctx['_matchedRoute']);
    meter.count(route, ctx.method, ctx.status, meter.now() - start);
  };
}
