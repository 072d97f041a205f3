import type { Context, Middleware } from 'koa';
import { VouchError } from '../error.ts';
import type { Log } from '../log.ts';
import { HttpError } from './error.ts';
import { requestIdOf } from './request-id.ts';

export interface ErrorAnswerOptions {
  /** HTTP status of an error; 500 for anything that was not thrown on purpose. */
  readonly statusOf: (error: unknown) => number;
  /** Writes status and body in the form the client reads. `error` is for what can be told apart by its code. */
  readonly render: (ctx: Context, status: number, message: string, error: unknown) => void;
  /** Whether the client is told the words of an error of the server; absent: of none. */
  readonly tells?: (error: unknown) => boolean;
  readonly log: Log;
}

/** The one place where an error becomes an answer. What went wrong inside is told to the log only. */
export function answerErrors({ statusOf, render, tells, log }: ErrorAnswerOptions): Middleware {
  return async (ctx, next) => {
    try {
      readableTarget(ctx);
      await next();
      refuseUnanswered(ctx);
    } catch (error) {
      const status = statusOf(error);
      if (error instanceof HttpError) ctx.set({ ...error.headers });
      if (status >= 500 && status !== 501) logFailure(log, ctx, error);
      const told = status < 500 || status === 501 || tells?.(error) === true;
      render(ctx, status, told && error instanceof VouchError ? error.message : hidden(ctx), error);
    }
  };
}

/** The router leaves the status and `Allow` behind when it has no route for a request. */
function refuseUnanswered(ctx: Context): void {
  if (ctx.body !== undefined) return;
  if (ctx.status === 404) throw new HttpError('NO_SUCH_PAGE', 'there is nothing at this address');
  if (ctx.status === 405 || ctx.status === 501) {
    const allowed = ctx.response.get('Allow');
    throw new HttpError(
      'METHOD_NOT_ALLOWED',
      `this address takes ${allowed === '' ? 'no requests' : allowed}`,
    );
  }
}

/** Koa and the router parse the target late and with exceptions of their own; here it is refused early. */
function readableTarget(ctx: Context): void {
  const target = ctx.req.url ?? '';
  if (target === '*' || target.startsWith('/')) return;
  // RFC 9112 §3.2.2: the absolute form must be accepted.
  if (URL.canParse(target) && /^https?:\/\//i.test(target)) return;
  ctx.req.url = '/';
  throw new HttpError('BAD_REQUEST', 'the request target is not an address on this server');
}

function hidden(ctx: Context): string {
  return `internal error; the server's log says more under request ${requestIdOf(ctx)}`;
}

function logFailure(log: Log, ctx: Context, error: unknown): void {
  log.error('request failed', {
    id: requestIdOf(ctx),
    code: error instanceof VouchError ? error.code : undefined,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}
