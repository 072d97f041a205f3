/* The one way from a request into the store: who pushes, what, and what became of it. */
import type { Context } from 'koa';
import { unauthorized } from '../http/unauthorized.ts';
import { readUpload, type Upload } from './keytext.ts';
import type { Pusher } from './push-permission.ts';
import { reportSentences } from './report.ts';
import type { HkpService } from './service.ts';
import type { SubmissionReport } from './submission.ts';

export interface Push {
  readonly report: SubmissionReport;
  /** The elements of `options` from the address and from the form. */
  readonly options: ReadonlySet<string>;
}

/**
 * Asks who pushes, before the body is read, then reads it and submits it. Throws what `PushControl.pusher` and
 * `readUpload` throw, and `UNAUTHORIZED` when somebody without a token brought what only a token may.
 */
export async function push(
  ctx: Context,
  service: HkpService,
  armoring: 'any' | 'binary' = 'any',
): Promise<Push> {
  const pusher = await service.access?.pusher(ctx);
  return submitUpload(service, await readUpload(ctx, service.limits, armoring), pusher);
}

/** The second half of `push`, for those who learn from the body who pushes. Throws `UNAUTHORIZED` as `push` does. */
export async function submitUpload(
  service: HkpService,
  { keyring, options }: Upload,
  pusher: Pusher | undefined,
): Promise<Push> {
  const by = pusher === undefined ? {} : { pusher };
  const report = await service.submit(keyring, { noModification: options.has('nm'), ...by });
  logPush(service, report, keyring.length, pusher);
  if (wantsToken(report, pusher)) throw unauthorized(reportSentences(report).join(' '));
  return { report, options };
}

/** Nothing was taken, and a token might have made the difference. */
function wantsToken({ accepted, refused }: SubmissionReport, pusher: Pusher | undefined): boolean {
  const forbidden = refused.some(({ code }) => code === 'FORBIDDEN');
  return accepted.length === 0 && forbidden && pusher !== undefined && pusher.name === undefined;
}

/** Fingerprints, lengths and the name of a token; never what was uploaded, and never a token. */
function logPush(
  { log }: HkpService,
  { accepted, refused }: SubmissionReport,
  uploadOctets: number,
  pusher: Pusher | undefined,
): void {
  const by = pusher?.name;
  for (const { fingerprint, outcome } of accepted) {
    log.info('certificate accepted', { fingerprint, outcome, uploadOctets, by });
  }
  for (const { fingerprint, code } of refused) {
    log.info('certificate refused', { fingerprint, code, uploadOctets, by });
  }
}
