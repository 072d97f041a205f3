import type { Router } from '@koa/router';
import { keyPage } from './key-page.ts';
import { confirmPush, previewPage, pushPage } from './push-page.ts';
import type { HkpService } from './service.ts';

/** Addresses for people in front of a browser, who have pages; programs use the protocol's. */
export function addPeopleRoutes(router: Router, service: HkpService): void {
  const { html } = service;
  if (html === undefined) return;
  router.get('/key/:fingerprint', (ctx) =>
    keyPage(ctx, service, { html, asked: ctx.params['fingerprint'] ?? '' }),
  );
  router.get('/push', (ctx) => pushPage(ctx, html));
  router.post('/push/preview', (ctx) => previewPage(ctx, service, html));
  router.post('/push', (ctx) => confirmPush(ctx, service, html));
}
