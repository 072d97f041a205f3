/* Pushing by a browser: what is chosen is shown as it would be kept, then sent again to be stored. */
import type { Context } from 'koa';
import { armor } from '../openpgp/armor.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import { certificateState } from '../openpgp/state.ts';
import { weaknessWords } from '../openpgp/weakness.ts';
import { sendError, sendHtml } from './answer.ts';
import type { HtmlView, PreviewEntry } from './html.ts';
import { readUpload } from './keytext.ts';
import { MAX_CARRIED_OCTETS, MAX_PREVIEWED } from './limits.ts';
import type { PreviewOutcome } from './preview.ts';
import { reportSentences } from './report.ts';
import { submitUpload } from './push.ts';
import { refuseCrossSite } from './same-origin.ts';
import type { HkpService } from './service.ts';
import { statusOfRefusals } from './status.ts';

/** `GET /push`: the forms. */
export function pushPage(ctx: Context, html: HtmlView): void {
  ctx.set('Cache-Control', 'no-cache');
  sendHtml(ctx, html.push());
}

/** `POST /push/preview`: says what a push of this would do. Stores nothing, here or anywhere. */
export async function previewPage(ctx: Context, service: HkpService, html: HtmlView): Promise<void> {
  refuseCrossSite(ctx, service.publicUrl);
  const { keyring } = await readUpload(ctx, service.limits);
  const outcome = await service.preview(keyring, { noModification: false });
  const { accepted, refused } = outcome.report;
  if (accepted.length === 0) {
    const status = statusOfRefusals(refused.map(({ code }) => code));
    sendError(ctx, html, status, reportSentences(outcome.report).slice(1).join(' '));
    return;
  }
  ctx.set('Cache-Control', 'no-store');
  sendHtml(
    ctx,
    html.preview({
      entries: entriesOf(outcome, Math.floor(service.now() / 1000)),
      more: Math.max(0, accepted.length - MAX_PREVIEWED),
      refused,
      keytext: keyring.length > MAX_CARRIED_OCTETS ? undefined : armor(keyring),
    }),
  );
}

function entriesOf({ report, tried }: PreviewOutcome, now: number): PreviewEntry[] {
  return report.accepted.slice(0, MAX_PREVIEWED).flatMap(({ fingerprint, outcome, leftOut }) => {
    const found = tried.get(fingerprint);
    if (found === undefined) return [];
    const after = parseCertificate(found.after.bytes);
    const before = found.before && certificateState(parseCertificate(found.before.bytes), now);
    const weaknesses = weaknessWords(after);
    return [{ outcome, before, after: certificateState(after, now), weaknesses, leftOut }];
  });
}

/** `POST /push`: stores what was previewed. A token in the form counts as one in the header does. */
export async function confirmPush(ctx: Context, service: HkpService, html: HtmlView): Promise<void> {
  refuseCrossSite(ctx, service.publicUrl);
  const upload = await readUpload(ctx, service.limits);
  const pusher = await service.access?.pusher(ctx, upload.token);
  const { report } = await submitUpload(service, upload, pusher);
  const sentences = reportSentences(report);
  if (report.accepted.length === 0) {
    const status = statusOfRefusals(report.refused.map(({ code }) => code));
    sendError(ctx, html, status, sentences.slice(1).join(' '));
    return;
  }
  ctx.set('Cache-Control', 'no-store');
  const keys = report.accepted.slice(0, MAX_PREVIEWED).map(({ fingerprint }) => fingerprint);
  sendHtml(ctx, html.message({ title: 'Key stored', lines: sentences, keys }));
}
