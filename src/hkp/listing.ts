import type { Context } from 'koa';
import { readyAnswer } from '../http/ready-answer.ts';
import type { Term } from '../keystore/keystore.ts';
import type { CertificateState } from '../openpgp/state.ts';
import { preferredForm, revalidate, sendHtml, sendJson, sendText, TEXT, type Form } from './answer.ts';
import { HkpError } from './error.ts';
import {
  everyVersion,
  findFirst,
  legacyOnly,
  loadStates,
  termsTried,
  type FirstFound,
  type States,
} from './find.ts';
import { machineIndex } from './index-format.ts';
import { jsonIndex } from './json-index.ts';
import { HTML_PAGE_SIZE, type HkpLimits } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { questionKey, type MadeAnswer, type Question } from './ready-answers.ts';
import { parseSearch, searchText, termsOf, type Search } from './search.ts';
import type { HkpService } from './service.ts';
import { textIndex } from './text-index.ts';

/**
 * `op=index` and `op=vindex`: machine-readable with `options=mr`, JSON with `options=json`, else by `Accept`.
 * Version 6 certificates are in the forms that old clients do not read: JSON and HTML.
 */
export async function list(ctx: Context, service: HkpService, parameters: Parameters): Promise<void> {
  const asked = readListing(service, parameters);
  const form = formOf(ctx, service, parameters);
  const { found, states } = await findStates(service, form, asked);
  if (states.length === 0 && form !== 'html') throw noMatch(found.hidden);
  if (states.length === 0) ctx.status = 404;
  if (found.next !== undefined) ctx.set(NEXT_PAGE, found.next);
  send(ctx, service, form, {
    search: searchText(parameters.raw('search'), 'plus'),
    certificates: states,
    next: found.next === undefined ? undefined : nextPage(parameters, found.next),
  });
  revalidate(ctx);
}

/** The first page with `options=mr`, which is all that programs ask for; undefined when something else is wanted. */
export function machineQuestion(service: HkpService, parameters: Parameters): Question | undefined {
  if (!parameters.options.has('mr')) return undefined;
  const asked = readListing(service, parameters);
  if (asked.token !== undefined) return undefined;
  return {
    key: questionKey('index', [asked.limit, asked.exact], asked.readings),
    make: () => answerMachine(service, asked),
  };
}

async function answerMachine(service: HkpService, asked: Asked): Promise<MadeAnswer> {
  const { found, states, at, until } = await findStates(service, 'machine', asked);
  if (states.length === 0) throw noMatch(found.hidden);
  const more = found.next === undefined ? undefined : [NEXT_PAGE, found.next];
  return {
    answer: readyAnswer(TEXT, machineIndex(states), more),
    terms: termsTried(asked.searches.slice(0, found.tried)),
    from: at * 1000,
    until: until * 1000,
  };
}

const NEXT_PAGE = 'X-HKP-Next-Page-Token';

interface Asked {
  readonly readings: readonly Search[];
  readonly exact: boolean;
  /** The terms of each reading. */
  readonly searches: readonly (readonly Term[])[];
  readonly limit: number;
  readonly token: string | undefined;
}

function readListing({ limits }: HkpService, parameters: Parameters): Asked {
  const exact = parameters.isOn('exact');
  const readings = parseSearch(parameters.raw('search'));
  return {
    readings,
    exact,
    searches: readings.map((search) => termsOf(search, exact)),
    limit: pageSize(parameters, limits),
    token: parameters.text('x-pagetoken'),
  };
}

async function findStates(
  service: HkpService,
  form: Form | 'machine',
  { searches, limit, token }: Asked,
): Promise<States & { readonly found: FirstFound }> {
  const found = await findFirst(
    service.keystore,
    searches,
    { limit: form === 'html' ? Math.min(HTML_PAGE_SIZE, limit) : limit, token },
    form === 'html' || form === 'json' ? everyVersion : legacyOnly,
  );
  return { found, ...(await loadStates(service, found.fingerprints)) };
}

/** Never an empty index: gpg reports an end of file, and old Singularity an error of its own. */
function noMatch(hidden: number): HkpError {
  if (hidden === 0) return new HkpError('NO_MATCH', 'no certificate that matches is held here');
  const message = 'only version 6 certificates match; ask with options=json or at /pks/v2/index';
  return new HkpError('NOT_IN_LEGACY', message);
}

function formOf(ctx: Context, service: HkpService, { options }: Parameters): Form | 'machine' {
  if (options.has('mr')) return 'machine';
  if (options.has('json')) return 'json';
  return preferredForm(ctx, service.html === undefined ? ['text', 'json'] : ['text', 'html', 'json']);
}

interface Results {
  readonly search: string;
  readonly certificates: readonly CertificateState[];
  readonly next: string | undefined;
}

function send(ctx: Context, service: HkpService, form: Form | 'machine', results: Results): void {
  if (form === 'machine') sendText(ctx, machineIndex(results.certificates));
  else if (form === 'json') sendJson(ctx, jsonIndex(results.certificates));
  else if (form === 'html' && service.html !== undefined) sendHtml(ctx, service.html.results(results));
  else sendText(ctx, textIndex(results.search, results.certificates));
}

/** `x-pagesize` is the Sylabs extension, `limit` the one of SKS. What is not a number counts as not given. */
function pageSize(parameters: Parameters, limits: HkpLimits): number {
  const asked = parameters.text('x-pagesize') ?? parameters.text('limit') ?? '';
  const size = Math.trunc(Number(asked));
  if (asked === '' || Number.isNaN(size)) return limits.pageSize;
  return Math.min(Math.max(size, 1), limits.maxPageSize);
}

/** The same question with a token, relative to the address it was asked at. */
function nextPage(parameters: Parameters, token: string): string {
  const kept = ['op', 'search', 'exact', 'x-pagesize'].flatMap((name) => {
    const raw = parameters.raw(name);
    return raw === undefined ? [] : [`${name}=${raw}`];
  });
  return `?${[...kept, `x-pagetoken=${encodeURIComponent(token)}`].join('&')}`;
}
