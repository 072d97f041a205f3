import type { Context } from 'koa';
import { unauthorized } from '../http/unauthorized.ts';
import { preferredForm, sendError, sendHtml, sendJson, sendText } from './answer.ts';
import { readUpload } from './keytext.ts';
import type { Pusher } from './push-permission.ts';
import { reportSentences, submissionObject } from './report.ts';
import type { HkpService } from './service.ts';
import { statusOfRefusals } from './status.ts';
import type { SubmissionReport } from './submission.ts';

/**
 * `POST /pks/add` (draft-shaw-openpgp-hkp-00 §4) and uploads by PUT. Exactly 200 when something was taken,
 * also if it was held already: gpg, sq and Singularity 3.0 read 201 and 202 as failure. When nothing was,
 * a status that every client reads as failure. Throws what `PushControl.pusher` and `readUpload` throw.
 */
export async function add(ctx: Context, service: HkpService): Promise<void> {
  const pusher = await pusherOf(ctx, service);
  const { keyring, options } = await readUpload(ctx, service.limits);
  const report = await service.submit(keyring, { noModification: options.has('nm'), ...pusher });
  logPush(service, report, { octets: keyring.length, ...pusher });
  const sentences = reportSentences(report);
  if (wantsToken(report, pusher)) throw unauthorized(sentences.join(' '));
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

/** Who pushes, before the body is read; nobody is asked for when the server has no control over pushes. */
export async function pusherOf(ctx: Context, { access }: HkpService): Promise<{ readonly pusher?: Pusher }> {
  return access === undefined ? {} : { pusher: await access.pusher(ctx) };
}

/** Nothing was taken, and somebody with a token might be allowed what nobody in particular is not. */
export function wantsToken(
  { accepted, refused }: SubmissionReport,
  { pusher }: { readonly pusher?: Pusher },
): boolean {
  const forbidden = refused.some(({ code }) => code === 'FORBIDDEN');
  return accepted.length === 0 && forbidden && pusher !== undefined && pusher.name === undefined;
}

/** Fingerprints, lengths and the name of a token; never what was uploaded, and never a token. */
export function logPush(
  { log }: HkpService,
  { accepted, refused }: SubmissionReport,
  { octets, pusher }: { readonly octets: number; readonly pusher?: Pusher },
): void {
  const upload = { uploadOctets: octets, by: pusher?.name };
  for (const { fingerprint, outcome } of accepted) {
    log.info('certificate accepted', { fingerprint, outcome, ...upload });
  }
  for (const { fingerprint, code } of refused) {
    log.info('certificate refused', { fingerprint, code, ...upload });
  }
}
