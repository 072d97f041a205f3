import type { Router } from '@koa/router';
import { removalChallenge, removeByOwner } from './owner-removal.ts';
import { answerProof, chooseMails, mailForm, mailsPage, provePage } from './prove-page.ts';
import { provenAddresses, sendToken } from './sendtoken.ts';
import type { HkpService } from './service.ts';

/** What owners of keys do here besides pushing them: prove their addresses, and remove their keys. */
export function addOwnerRoutes(router: Router, service: HkpService): void {
  const removal = '/vouch/v1/removal/:fingerprint';
  router.get(removal, (ctx) => removalChallenge(ctx, service, ctx.params['fingerprint'] ?? ''));
  router.post(removal, (ctx) => removeByOwner(ctx, service, ctx.params['fingerprint'] ?? ''));

  const { proofs, html } = service;
  if (proofs === undefined) return;
  router.post('/pks/v2/sendtoken', (ctx) => sendToken(ctx, proofs));
  router.options('/pks/v2/sendtoken', (ctx) => {
    ctx.set({ Allow: 'POST, OPTIONS', Accept: 'text/plain' });
    ctx.body = '';
  });
  router.get('/vouch/v1/proofs/:fingerprint', (ctx) =>
    provenAddresses(ctx, service, { proofs, asked: ctx.params['fingerprint'] ?? '' }),
  );
  if (html === undefined) return;
  const pages = { service, proofs, html };
  router.get('/prove', (ctx) => provePage(ctx, pages));
  router.post('/prove', (ctx) => answerProof(ctx, pages));
  router.post('/prove/mail', (ctx) => mailForm(ctx, pages));
  router.get('/prove/mails', (ctx) => mailsPage(ctx, pages));
  router.post('/prove/mails', (ctx) => chooseMails(ctx, pages));
}
