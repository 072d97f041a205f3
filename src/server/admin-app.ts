/* The admin socket: whoever can open it is the operator, and no token is asked for. */
import Koa from 'koa';
import { VouchError } from '../error.ts';
import { readBody } from '../http/body.ts';
import { parseStrictJson } from '../http/strict-json.ts';
import type { Log } from '../log.ts';
import { ServerError } from './error.ts';
import { MAX_OPERATION_OCTETS } from './limits.ts';
import type { OperationAnswer } from './operation.ts';

/** Where operations are: `POST /v1/operations/status`. */
export const OPERATION_PATH = '/v1/operations/';

export type Operate = (name: string, given: unknown) => Promise<OperationAnswer>;

/** Answers `{value, lines}`, or `{error: {room, code, message}}` with status 422 and, for faults, 500. */
export function adminApp(operate: Operate, log: Log): Koa {
  const app = new Koa();
  app.on('error', (error: Error) => log.warn('connection failed', { error: error.message }));
  app.use(async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    try {
      if (ctx.method !== 'POST' || !ctx.path.startsWith(OPERATION_PATH)) {
        throw new ServerError('NOT_FOUND', `operations are asked for by POST ${OPERATION_PATH}NAME`);
      }
      const name = ctx.path.slice(OPERATION_PATH.length);
      const answer = await operate(name, parseStrictJson(await readBody(ctx, MAX_OPERATION_OCTETS)));
      log.info('operation', { operation: name });
      ctx.body = { value: answer.value, lines: answer.lines };
    } catch (error) {
      fail(ctx, error, log);
    }
  });
  return app;
}

function fail(ctx: Koa.Context, error: unknown, log: Log): void {
  const known = error instanceof VouchError;
  ctx.status = known ? 422 : 500;
  const message = error instanceof Error ? error.message : String(error);
  if (!known) log.error('operation failed', { error: error instanceof Error ? error.stack : message });
  const named = known ? { room: error.name, code: error.code } : { room: '', code: 'INTERNAL' };
  ctx.body = { error: { ...named, message } };
}
