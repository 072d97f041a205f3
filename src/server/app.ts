import { Router } from '@koa/router';
import Koa from 'koa';
import type { RateLimit } from '../access/rate-limit.ts';
import { bringsNoCredentials, refuseUnclearCredentials } from '../access/unclear-credentials.ts';
import type { AddressProofs } from '../hkp/address-proofs.ts';
import { sendError } from '../hkp/answer.ts';
import { ChangeIndex } from '../hkp/change-index.ts';
import { addDiscoveryRoutes } from '../hkp/discovery/routes.ts';
import type { DiscoveryService } from '../hkp/discovery/routes.ts';
import type { HtmlView } from '../hkp/html.ts';
import { DEFAULT_HKP_LIMITS, type HkpLimits } from '../hkp/limits.ts';
import { LOOKUP_PATH, readyLookup } from '../hkp/lookup.ts';
import type { PushControl } from '../hkp/push-permission.ts';
import type { Preview } from '../hkp/preview.ts';
import type { ReadyAnswers } from '../hkp/ready-answers.ts';
import { addRoutes } from '../hkp/routes.ts';
import type { HkpService } from '../hkp/service.ts';
import { statusOf, tells } from '../hkp/status.ts';
import type { Submit } from '../hkp/submission.ts';
import { addV2Routes, refuseUnknownV2 } from '../hkp/v2-routes.ts';
import { accessLog } from '../http/access-log.ts';
import { settleBody } from '../http/body.ts';
import { openAnswers } from '../http/cross-origin.ts';
import { answerErrors } from '../http/error-answer.ts';
import type { Application } from '../http/hardened-server.ts';
import { throwPassedFailures } from '../http/passed-failure.ts';
import { requestId } from '../http/request-id.ts';
import { metered, type RequestMeter } from '../http/request-meter.ts';
import { ShortWay } from '../http/short-way.ts';
import type { Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';
import { assets } from '../pages/assets.ts';

export interface KeystoreAppParts {
  readonly keystore: Keystore;
  readonly submit: Submit;
  readonly preview: Preview;
  /** Of this keystore: what is kept of lookups. */
  readonly answers: ReadyAnswers;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  /** Of this program, without a `v`. */
  readonly version: string;
  /** Pages for browsers; without them everyone is answered in text. */
  readonly html?: HtmlView | undefined;
  /** The public address, scheme and host. */
  readonly publicUrl?: string | undefined;
  readonly limits?: Partial<HkpLimits>;
  readonly rateLimit?: Pick<RateLimit, 'spend' | 'middleware'>;
  /** Who may push what; absent: anybody anything. */
  readonly access?: PushControl | undefined;
  /** Who proved what by mail; absent: nobody is asked. */
  readonly proofs?: AddressProofs | undefined;
  /** Counts requests. */
  readonly meter?: RequestMeter;
  /** For the `remote` commands of Singularity and Apptainer; absent: they find nothing. */
  readonly discovery?: Pick<DiscoveryService, 'mode' | 'bearsToken' | 'library'> | undefined;
}

/** The keystore as an application; `listen` of the http room serves it. */
export function keystoreApp(parts: KeystoreAppParts): Application {
  const { log, now, meter, rateLimit } = parts;
  const service = serviceOf(parts);
  return new ShortWay({
    app: koaApp(parts, service),
    path: LOOKUP_PATH,
    find: readyLookup(service),
    isPlain: bringsNoCredentials,
    mayAsk: (request) => rateLimit?.spend(request, LOOKUP_PATH) === undefined,
    meter,
    log,
    now,
  });
}

function serviceOf(parts: KeystoreAppParts): HkpService {
  return {
    keystore: parts.keystore,
    submit: parts.submit,
    preview: parts.preview,
    answers: parts.answers,
    changes: new ChangeIndex(parts.keystore),
    now: parts.now,
    log: parts.log,
    html: parts.html,
    version: parts.version,
    publicUrl: parts.publicUrl,
    limits: { ...DEFAULT_HKP_LIMITS, ...parts.limits },
    access: parts.access,
    proofs: parts.proofs,
  };
}

function koaApp(parts: KeystoreAppParts, service: HkpService): Koa {
  const { log, now, html, rateLimit } = parts;
  const app = new Koa();
  // Only what goes wrong after an answer has begun comes here; without a listener Koa writes to stderr.
  app.on('error', (error: Error) => log.warn('connection failed', { error: error.message }));
  app.use(settleBody());
  app.use(requestId());
  app.use(accessLog(log, now));
  if (parts.meter !== undefined) app.use(metered(parts.meter));
  app.use(openAnswers());
  const render = (ctx: Koa.Context, status: number, message: string): void =>
    sendError(ctx, html, status, message);
  app.use(answerErrors({ statusOf, render, tells, log }));
  app.use(throwPassedFailures());
  app.use(refuseUnclearCredentials());
  if (rateLimit !== undefined) app.use(rateLimit.middleware());
  app.use(refuseUnknownV2());
  if (html !== undefined) app.use(assets().routes());
  const router = new Router();
  addRoutes(router, service);
  addV2Routes(router, service);
  if (parts.discovery !== undefined) addDiscoveryRoutes(router, { ...service, ...parts.discovery });
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
