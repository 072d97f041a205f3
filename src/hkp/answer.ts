import type { Context } from 'koa';
import { entityTag } from '../http/ready-answer.ts';
import type { HtmlView } from './html.ts';

/**
 * Of our pages. Style and script are files of this server, and nothing else is run or loaded: an injected
 * script, style or address has no effect (W3C Content Security Policy 3).
 */
const PAGE_POLICY: string = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export type Form = 'text' | 'json' | 'html';

const TYPES: Readonly<Record<Form, string>> = {
  text: 'text/plain',
  json: 'application/json',
  html: 'text/html',
};

/**
 * The form a client wants its answer in, by `Accept`; `forms` is what there is, the default first. HTML is
 * only given to those who name it: programs send no Accept, or any type.
 */
export function preferredForm(ctx: Context, forms: readonly [Form, ...Form[]]): Form {
  ctx.vary('Accept');
  const wanted = ctx.accepts(...forms.map((form) => TYPES[form]));
  const form = forms.find((candidate) => TYPES[candidate] === wanted) ?? forms[0];
  return form === 'html' && !/\btext\/html\b/i.test(ctx.get('Accept')) ? forms[0] : form;
}

export const TEXT = 'text/plain; charset=utf-8';

export function sendText(ctx: Context, text: string): void {
  ctx.set('Content-Type', TEXT);
  ctx.body = text;
}

export function sendJson(ctx: Context, value: unknown): void {
  ctx.set('Content-Type', 'application/json');
  ctx.body = `${JSON.stringify(value)}\n`;
}

export function sendHtml(ctx: Context, page: string): void {
  ctx.set('Content-Security-Policy', PAGE_POLICY);
  // Forms say where they come from (Fetch §4.6): under `no-referrer` their Origin would be "null".
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.set('Content-Type', 'text/html; charset=utf-8');
  ctx.body = page;
}

/**
 * Marks the body that was just set so that it can be asked for again cheaply, and is never kept without
 * asking: a revocation must show at once.
 */
export function revalidate(ctx: Context): void {
  const { body } = ctx;
  if (typeof body !== 'string' && !Buffer.isBuffer(body))
    throw new TypeError('only a whole body has a digest');
  ctx.set('Cache-Control', 'no-cache');
  ctx.set('ETag', entityTag(ctx.response.get('Content-Type'), body));
  // A client that revalidates through caches (gpg) sends Cache-Control: no-cache and is given the whole.
  if (ctx.fresh) ctx.status = 304;
}

/**
 * An error: by default the JSON that Singularity and Apptainer print the message of (scs-key-client
 * `jsonresp`); gpg and sq read the status only.
 */
export function sendError(ctx: Context, html: HtmlView | undefined, status: number, message: string): void {
  ctx.status = status;
  ctx.remove('ETag');
  ctx.set('Cache-Control', 'no-store');
  const form = preferredForm(ctx, html === undefined ? ['json', 'text'] : ['json', 'html', 'text']);
  if (form === 'html' && html !== undefined) {
    sendHtml(ctx, html.message({ title: `${status} ${ctx.message}`, lines: [message] }));
  } else if (form === 'text') sendText(ctx, `${message}\n`);
  else sendJson(ctx, { error: { code: status, message } });
}
