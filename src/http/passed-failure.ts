/*
 * What goes wrong where a request is answered without Koa goes through Koa nevertheless: there is one place where errors
 * become answers.
 */
import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';

interface Failure {
  readonly error: unknown;
  /** The pattern that the path matched. */
  readonly route: string | undefined;
}

const failures = new WeakMap<IncomingMessage, Failure>();

/** Koa is to answer this request next, with `throwPassedFailures`, as if the route had thrown the error. */
export function passFailure(request: IncomingMessage, error: unknown, route?: string): void {
  failures.set(request, { error, route });
}

/** Behind `answerErrors`, and before everything that was done for the request already. */
export function throwPassedFailures(): Middleware {
  return async (ctx, next) => {
    const failure = failures.get(ctx.req);
    if (failure === undefined) return next();
    // Where the router would leave it, for `metered`.
    if (failure.route !== undefined) ctx['_matchedRoute'] = failure.route;
    throw failure.error;
  };
}
