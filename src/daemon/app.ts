import Koa from 'koa';
import { Router } from '@koa/router';
import type { Caller } from '../admission/request.ts';
import { accessLog } from '../http/access-log.ts';
import { settleBody } from '../http/body.ts';
import { answerErrors } from '../http/error-answer.ts';
import type { Application } from '../http/hardened-server.ts';
import { requestId } from '../http/request-id.ts';
import { withDirectRoute } from '../http/direct-route.ts';
import { throwPassedFailures } from '../http/passed-failure.ts';
import type { Log } from '../log.ts';
import { addDecisionRoutes } from './decision-routes.ts';
import { failureOf } from './failure.ts';
import { addObserverRoutes } from './observer-routes.ts';
import { addOperatorRoutes } from './operator-routes.ts';
import { addPolicyRoutes } from './policy-routes.ts';
import { DoorRoutes } from './door-routes.ts';
import { ANSWER_HEADERS, directDecisions } from './direct-decisions.ts';
import type { TrustService } from './trust-service.ts';

/** The API as it is behind one door: who comes through it is known by the socket, not by what is said. */
export function daemonApp(service: TrustService, caller: Caller): Application {
  const { log, now } = service;
  const app = new Koa();
  // Only what goes wrong after an answer has begun comes here; without a listener Koa writes to stderr.
  app.on('error', (error: Error) => log.debug('connection failed', { error: error.message }));
  app.use(settleBody());
  app.use(requestId());
  // Decisions have their own log; the requests are for whoever looks for a fault.
  const requests: Log = { ...log, info: (message, fields) => log.debug(message, fields) };
  app.use(accessLog(requests, now));
  app.use(async (ctx, next) => {
    ctx.set(ANSWER_HEADERS);
    await next();
  });
  app.use(answerErrors({ statusOf: (error) => failureOf(error).status, render: sendFailure, log }));
  app.use(throwPassedFailures());
  const router = new Router();
  const routes = new DoorRoutes(router, caller);
  addDecisionRoutes(routes, service);
  addPolicyRoutes(routes, service);
  addOperatorRoutes(routes, service);
  addObserverRoutes(routes, service);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return withDirectRoute(app, directDecisions(service, caller), { log: requests, now });
}

/** The application of a TCP address that tells metrics and nothing else. */
export function metricsApp(service: TrustService): Koa {
  const app = new Koa();
  app.on('error', (error: Error) => service.log.debug('connection failed', { error: error.message }));
  app.use(async (ctx) => {
    if (ctx.path !== '/metrics') return;
    const { type, text } = await service.observer.metrics();
    ctx.type = type;
    ctx.body = text;
  });
  return app;
}

function sendFailure(ctx: Koa.Context, status: number, message: string, error: unknown): void {
  const { code, retryAfter } = failureOf(error);
  if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(retryAfter / 1000)));
  ctx.status = status;
  ctx.body = { error: { code, message, ...(retryAfter !== undefined && { retry_after_ms: retryAfter }) } };
}
