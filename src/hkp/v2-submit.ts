import type { Context } from 'koa';
import { sendJson } from './answer.ts';
import { push } from './push.ts';
import { submissionObject } from './report.ts';
import type { HkpService } from './service.ts';
import { statusOfRefusals } from './status.ts';

/**
 * `POST /pks/v2/certs` (draft-ietf-openpgp-hkp §5.2.1, and §5.2.5 for multipart): a binary bundle, "MUST NOT
 * be armored". The answer lists every certificate (§7.2); the status is 200 when one was taken.
 * Throws what `push` throws.
 */
export async function submitBundle(ctx: Context, service: HkpService): Promise<void> {
  const { report } = await push(ctx, service, 'binary');
  ctx.status = report.accepted.length > 0 ? 200 : statusOfRefusals(report.refused.map(({ code }) => code));
  ctx.set('Cache-Control', 'no-store');
  sendJson(ctx, submissionObject(report));
}
