import type { Context } from 'koa';
import { bearerChallenge } from '../http/unauthorized.ts';
import { logPush, pusherOf, wantsToken } from './add.ts';
import { sendJson } from './answer.ts';
import { readUpload } from './keytext.ts';
import { submissionObject } from './report.ts';
import type { HkpService } from './service.ts';
import { statusOfRefusals } from './status.ts';

/**
 * `POST /pks/v2/certs` (draft-ietf-openpgp-hkp §5.2.1, and §5.2.5 for multipart): a binary bundle, "MUST NOT
 * be armored". The answer lists every certificate (§7.2); the status is 200 when one was taken.
 */
export async function submitBundle(ctx: Context, service: HkpService): Promise<void> {
  const pusher = await pusherOf(ctx, service);
  const { keyring, options } = await readUpload(ctx, service.limits, 'binary');
  const report = await service.submit(keyring, { noModification: options.has('nm'), ...pusher });
  logPush(service, report, { octets: keyring.length, ...pusher });
  ctx.status = report.accepted.length > 0 ? 200 : statusOfRefusals(report.refused.map(({ code }) => code));
  if (wantsToken(report, pusher)) {
    ctx.status = 401;
    ctx.set('WWW-Authenticate', bearerChallenge());
  }
  ctx.set('Cache-Control', 'no-store');
  sendJson(ctx, submissionObject(report));
}
