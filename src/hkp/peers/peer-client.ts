/* What is asked of a peer. Each answer is the peer's word: whoever uses it checks it. */
import { setTimeout as pause } from 'node:timers/promises';
import { armor, dearmor } from '../../openpgp/armor.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { MAX_UPLOAD_OCTETS } from '../../openpgp/limits.ts';
import { readChanges } from '../client/changes-answer.ts';
import type { ChangesAnswer } from '../client/changes-answer.ts';
import { HkpClientError } from '../client/error.ts';
import { readIndex } from '../client/index-answer.ts';
import { PAGE_SIZE } from '../client/limits.ts';
import { request } from '../client/request.ts';
import type { Answer, Question } from '../client/request.ts';
import { serverUrl } from '../client/server-url.ts';
import { plainLine } from '../text-index.ts';
import {
  CHANGES_PER_PAGE,
  MAX_FETCHED_PER_SEARCH,
  MAX_PAUSE,
  MAX_PAUSES,
  MAX_SAID,
  PEER_TIMEOUT,
} from './limits.ts';

/** What a peer gave for a fingerprint. */
export type Fetched =
  /** A binary keyring of which nothing is checked yet. */
  | { readonly kind: 'keyring'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  /** Not a keyring, or too large, or a refusal that is about this key. */
  | { readonly kind: 'unusable'; readonly reason: string };

export interface PeerClientOptions {
  readonly token: string | undefined;
  readonly userAgent: string;
  readonly stopping: AbortSignal;
}

/** Statuses that are about what was asked, and not about the server. */
const ABOUT_THE_KEY: ReadonlySet<number> = new Set([400, 403, 409, 413, 414, 415, 422, 501]);
const GONE: ReadonlySet<number> = new Set([404, 410]);
const TOO_MANY_REQUESTS = 429;

/** All methods throw an `HkpClientError` when the peer cannot be reached, or refuses whoever asks whatever he asks. */
export class PeerClient {
  readonly #url: URL;
  readonly #options: PeerClientOptions;
  #pauses = 0;

  /** Throws `BAD_URL`. */
  constructor(url: string, options: PeerClientOptions) {
    this.#url = serverUrl(url);
    this.#options = options;
  }

  /** A page of its change log after the change `since`; undefined when it has no such log. */
  async changes(since: number): Promise<ChangesAnswer | undefined> {
    const limit = CHANGES_PER_PAGE;
    const answer = await this.#ask('/vouch/v1/changes', { since: String(since), limit: String(limit) });
    if (GONE.has(answer.status)) return undefined;
    this.#requireSuccess(answer);
    return readChanges(answer.body.toString('utf8'), since, limit);
  }

  async fetch(fingerprint: string): Promise<Fetched> {
    // Certificates of version 6 are given out to those only who say that they can read binary.
    const options = fingerprint.length === 64 ? 'mr,bin' : 'mr';
    let answer: Answer;
    try {
      answer = await this.#ask('/pks/lookup', {
        op: 'get',
        options,
        search: `0x${fingerprint}`,
        exact: 'on',
      });
    } catch (error) {
      if (!(error instanceof HkpClientError) || error.code !== 'ANSWER_TOO_LARGE') throw error;
      return { kind: 'unusable', reason: error.message };
    }
    if (GONE.has(answer.status)) return { kind: 'absent' };
    if (ABOUT_THE_KEY.has(answer.status)) return { kind: 'unusable', reason: said(answer) };
    this.#requireSuccess(answer);
    return keyringOf(answer.body);
  }

  /** Fingerprints that it says belong to an address. */
  async search(address: string): Promise<readonly string[]> {
    const variables = { op: 'index', options: 'mr', fingerprint: 'on', search: address, exact: 'on' };
    const answer = await this.#ask('/pks/lookup', { ...variables, 'x-pagesize': String(PAGE_SIZE) });
    if (GONE.has(answer.status)) return [];
    this.#requireSuccess(answer);
    const ids = readIndex(answer.body.toString('utf8')).map(({ id }) => id);
    return [...new Set(ids.filter((id) => id.length >= 40))].slice(0, MAX_FETCHED_PER_SEARCH);
  }

  /** Sends a binary certificate. Returns why it was not taken; undefined when it was. */
  async push(bytes: Uint8Array): Promise<string | undefined> {
    const form = new URLSearchParams({ keytext: armor(bytes) });
    const answer = await this.#exchange({ url: new URL('/pks/add', this.#url), form });
    if (ABOUT_THE_KEY.has(answer.status)) return said(answer);
    this.#requireSuccess(answer);
    return undefined;
  }

  #ask(path: string, variables: Readonly<Record<string, string>>): Promise<Answer> {
    const url = new URL(path, this.#url);
    // `+` for a space is a form's way; some servers take it for itself.
    url.search = Object.entries(variables)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    return this.#exchange({ url });
  }

  /** When the peer says that it is asked too often, and when to come again, that is waited for. */
  async #exchange(question: Question): Promise<Answer> {
    const { token, userAgent, stopping } = this.#options;
    for (;;) {
      const answer = await request(question, { timeout: PEER_TIMEOUT, userAgent, bearer: token, stopping });
      const seconds = Number(answer.headers.get('Retry-After') ?? Number.NaN);
      if (answer.status !== TOO_MANY_REQUESTS || !(seconds <= MAX_PAUSE) || this.#pauses >= MAX_PAUSES)
        return answer;
      this.#pauses += 1;
      await pause(Math.max(seconds, 1) * 1000, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  #requireSuccess(answer: Answer): void {
    if (answer.status >= 200 && answer.status < 300) return;
    const code = answer.status === 401 ? 'UNAUTHORIZED' : 'REFUSED';
    throw new HkpClientError(code, `${this.#url.host} answers ${said(answer)}`);
  }
}

function keyringOf(body: Buffer): Fetched {
  try {
    // RFC 9580 §4.2: the first bit of a packet is set, which no character of armor has.
    const binary = ((body[0] ?? 0) & 0x80) !== 0;
    const bytes = binary ? body : Buffer.concat(dearmor(body).map(({ data }) => data));
    if (bytes.length <= MAX_UPLOAD_OCTETS) return { kind: 'keyring', bytes };
    return { kind: 'unusable', reason: `more than ${MAX_UPLOAD_OCTETS} octets` };
  } catch (error) {
    if (!(error instanceof OpenPgpError)) throw error;
    return { kind: 'unusable', reason: error.message };
  }
}

/** The status and the first line of a short text. */
function said({ status, body }: Answer): string {
  const text = body.toString('utf8').trim();
  const line = text.startsWith('<') ? '' : (text.split(/\r|\n/)[0] ?? '');
  return plainLine(line === '' ? String(status) : `${status}: ${line}`).slice(0, MAX_SAID);
}
