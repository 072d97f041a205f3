import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { KeystoreError } from '../keystore/error.ts';
import { add } from './add.ts';
import { preferredForm, sendHtml, sendJson, sendText } from './answer.ts';
import { changes } from './changes.ts';
import { digests } from './digests.ts';
import { hashquery } from './hashquery.ts';
import { lookup, LOOKUP_PATH } from './lookup.ts';
import { addOwnerRoutes } from './owner-routes.ts';
import { Parameters } from './parameters.ts';
import type { HkpService } from './service.ts';
import { addPeopleRoutes } from './people-routes.ts';
import { stats } from './stats.ts';

/** `curl -T key.asc https://keys.example.org/` adds the name of the file to the address. */
const UPLOADED_FILE = /^\/[^/]+\.(?:asc|gpg|key|pgp|txt)$/i;

/** The legacy protocol, and what clients and operators ask of a server besides. */
export function addRoutes(router: Router, service: HkpService): void {
  router.get(LOOKUP_PATH, (ctx) => lookup(ctx, service));
  router.post('/pks/add', (ctx) => add(ctx, service));
  router.put('/', (ctx) => add(ctx, service));
  router.put(UPLOADED_FILE, (ctx) => add(ctx, service));
  router.post('/pks/hashquery', (ctx) => hashquery(ctx, service));
  router.get('/pks/stats', (ctx) => stats(ctx, service, new Parameters(ctx.querystring)));
  router.get('/vouch/v1/changes', (ctx) => changes(ctx, service));
  router.get('/vouch/v1/digests', (ctx) => digests(ctx, service));
  router.get('/', (ctx) => home(ctx, service));
  addPeopleRoutes(router, service);
  addOwnerRoutes(router, service);
  router.get('/version', (ctx) => version(ctx, service));
  router.get('/healthz', alive);
  router.get('/pks/health', alive);
  router.get('/readyz', (ctx) => ready(ctx, service));
}

/**
 * `singularity keyserver login` wants exactly 200 here when its token is good and something else when it is
 * not, a browser the front page.
 */
async function home(ctx: Context, service: HkpService): Promise<void> {
  await service.access?.checkCredentials(ctx);
  const { certificates } = await service.keystore.status();
  ctx.set('Cache-Control', 'no-cache');
  if (service.html !== undefined && preferredForm(ctx, ['text', 'html']) === 'html') {
    sendHtml(ctx, service.html.home({ certificates, origin: service.publicUrl }));
    return;
  }
  const count = `${certificates} ${certificates === 1 ? 'certificate' : 'certificates'}`;
  sendText(ctx, `Vouch ${service.version}, an HKP key server for SIF signing keys. It holds ${count}.\n`);
}

/** Read by `singularity remote status`; the `v` is what keys.sylabs.io has. */
function version(ctx: Context, service: HkpService): void {
  ctx.set('Cache-Control', 'no-cache');
  sendJson(ctx, { data: { version: `v${service.version}` } });
}

/** The process lives and serves. */
function alive(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store');
  sendText(ctx, 'ok\n');
}

/**
 * The store answers and takes pushes as well; if it does not, the answer says why. It is for what watches over
 * servers, which knows 503; dirmngr does not ask here.
 */
async function ready(ctx: Context, service: HkpService): Promise<void> {
  alive(ctx);
  try {
    await service.keystore.ready();
  } catch (error) {
    if (!(error instanceof KeystoreError)) throw error;
    ctx.status = 503;
    sendText(ctx, `${error.code}: ${error.message}\n`);
  }
}
