/* Discovery and the token service: what Singularity's and Apptainer's `remote` commands ask of a host. */
import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { preferredForm, sendHtml, sendJson, sendText } from '../answer.ts';
import { HkpError } from '../error.ts';
import type { HtmlView, TokensPage } from '../html.ts';
import {
  SERVICE_LIST_PATH,
  serviceList,
  TOKEN_SERVICE_PATH,
  TOKEN_STATUS_PATH,
  TOKENS_PAGE_PATH,
} from './service-list.ts';

export interface DiscoveryService {
  /** The public address, without a slash at the end; never taken from a request. */
  readonly publicUrl: string | undefined;
  /** The address of a library elsewhere, for `library://`. */
  readonly library?: string | undefined;
  /** Of this program, without a `v`. */
  readonly version: string;
  /** Undefined: browsers are answered in text as well. */
  readonly html: HtmlView | undefined;
  /** Who may push now. */
  readonly mode: () => TokensPage['mode'];
  /** Whether a request comes with a token that is good now; false without credentials. */
  readonly bearsToken: (ctx: Context) => Promise<boolean>;
}

/** Under the root of the host, and under the path of the public address too: a proxy may take that off or not. */
export function addDiscoveryRoutes(router: Router, service: DiscoveryService): void {
  const path = service.publicUrl === undefined ? '' : new URL(service.publicUrl).pathname.replace(/\/+$/, '');
  for (const prefix of new Set(['', path])) {
    router.get(`${prefix}${SERVICE_LIST_PATH}`, (ctx) => services(ctx, service));
    router.get(`${prefix}${TOKENS_PAGE_PATH}`, (ctx) => tokensPage(ctx, service));
    router.get(`${prefix}${TOKEN_STATUS_PATH}`, (ctx) => tokenStatus(ctx, service));
    router.get(`${prefix}${TOKEN_SERVICE_PATH}${TOKEN_STATUS_PATH}`, (ctx) => tokenStatus(ctx, service));
    router.get(`${prefix}${TOKEN_SERVICE_PATH}/version`, (ctx) => version(ctx, service));
    // The root has its own.
    if (prefix !== '') router.get(`${prefix}/version`, (ctx) => version(ctx, service));
  }
}

function services(ctx: Context, { publicUrl, library }: DiscoveryService): void {
  if (publicUrl === undefined) {
    throw new HkpError('NO_PUBLIC_URL', 'this server was not told its own address: set public_url');
  }
  ctx.set('Cache-Control', 'no-cache');
  sendJson(ctx, serviceList(publicUrl, library));
}

/** 200 for a good token, else 404: for that alone the client says "Invalid Credentials", for 401 "Unknown". */
async function tokenStatus(ctx: Context, { bearsToken }: DiscoveryService): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  if (!(await bearsToken(ctx))) {
    throw new HkpError('TOKEN_NOT_GOOD', 'this token is not good here: ask the operator for one');
  }
  sendText(ctx, 'this token is good\n');
}

const WHO: Readonly<Record<TokensPage['mode'], string>> = {
  open: 'Everybody may push keys to this server; no token is needed.',
  token: 'Pushing keys to this server takes a token. Ask its operator for one.',
  owner: 'Pushing keys to this server takes a token that is for these keys. Ask its operator for one.',
  closed: 'Only the administrators of this server push keys.',
};

function tokensPage(ctx: Context, { html, mode, publicUrl }: DiscoveryService): void {
  ctx.set('Cache-Control', 'no-cache');
  if (html !== undefined && preferredForm(ctx, ['text', 'html']) === 'html') {
    sendHtml(ctx, html.tokens({ mode: mode(), origin: publicUrl }));
    return;
  }
  sendText(ctx, `${WHO[mode()]}\n`);
}

/** Of the token service, for the table of `remote status`. */
function version(ctx: Context, service: DiscoveryService): void {
  ctx.set('Cache-Control', 'no-cache');
  sendJson(ctx, { data: { version: `v${service.version}` } });
}
