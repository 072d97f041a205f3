import type { Context } from 'koa';
import { preferredForm, sendError, sendHtml, sendJson, sendText } from './answer.ts';
import { push } from './push.ts';
import { reportSentences, submissionObject } from './report.ts';
import type { HkpService } from './service.ts';
import { statusOfRefusals } from './status.ts';
import type { SubmissionReport } from './submission.ts';

/**
 * `POST /pks/add` (draft-shaw-openpgp-hkp-00 §4) and uploads by PUT. Exactly 200 when something was taken,
 * also if it was held already: gpg, sq and Singularity 3.0 read 201 and 202 as failure. When nothing was,
 * a status that every client reads as failure. Throws what `push` throws.
 */
export async function add(ctx: Context, service: HkpService): Promise<void> {
  const { report, options } = await push(ctx, service);
  const sentences = reportSentences(report);
  if (report.accepted.length === 0) {
    const status = statusOfRefusals(report.refused.map(({ code }) => code));
    const message =
      report.refused.length === 0 ? 'there is no certificate in this upload' : sentences.join(' ');
    sendError(ctx, service.html, status, message);
    return;
  }
  ctx.status = 200;
  ctx.set('Cache-Control', 'no-store');
  send(ctx, service, report, sentences, options.has('json'));
}

function send(
  ctx: Context,
  service: HkpService,
  report: SubmissionReport,
  sentences: readonly string[],
  json: boolean,
): void {
  const forms =
    service.html === undefined ? (['text', 'json'] as const) : (['text', 'html', 'json'] as const);
  const form = json ? 'json' : preferredForm(ctx, forms);
  // One line: Apptainer prints it as `Key server response: …`.
  const message = sentences.join(' ');
  if (form === 'json') sendJson(ctx, { message, ...submissionObject(report) });
  else if (form === 'html' && service.html !== undefined) {
    sendHtml(ctx, service.html.message({ title: 'Key received', lines: sentences }));
  } else sendText(ctx, `${message}\n`);
}
