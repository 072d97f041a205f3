import { armor } from '../openpgp/armor.ts';
import { serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import type { PublicKey } from '../openpgp/public-key.ts';
import { readChanges } from './client/changes-answer.ts';
import type { ChangesAnswer } from './client/changes-answer.ts';
import { readDigests } from './client/digests-answer.ts';
import { HkpClientError } from './client/error.ts';
import { readIndex } from './client/index-answer.ts';
import type { IndexEntry } from './client/index-answer.ts';
import {
  CHANGES_PAGE,
  DEFAULT_TIMEOUT,
  DIGESTS_PAGE,
  MAX_MESSAGE_OCTETS,
  MAX_REVOKERS,
  PAGE_SIZE,
} from './client/limits.ts';
import { receivedCertificates } from './client/received.ts';
import type { Received } from './client/received.ts';
import { request } from './client/request.ts';
import type { Answer, Question } from './client/request.ts';
import { serverUrl } from './client/server-url.ts';

export interface HkpClientOptions {
  /** Milliseconds for a whole exchange. */
  readonly timeout?: number;
  /** What the client calls itself; `vouch` with its version. */
  readonly userAgent?: string;
}

export interface SearchAnswer {
  readonly entries: readonly IndexEntry[];
  /** The server has more than it sent. */
  readonly more: boolean;
}

/**
 * A keystore, seen from outside: a carrier that is not trusted. All methods throw an `HkpClientError` when it
 * cannot be reached, refuses, or sends what was not asked for.
 */
export class HkpClient {
  /** As it was given, for messages. */
  readonly name: string;
  readonly #url: URL;
  readonly #timeout: number;
  readonly #userAgent: string;

  /** `url`: http, https, hkp or hkps. Throws `BAD_URL`. */
  constructor(url: string, { timeout = DEFAULT_TIMEOUT, userAgent = 'vouch' }: HkpClientOptions = {}) {
    this.name = url;
    this.#url = serverUrl(url);
    this.#timeout = timeout;
    this.#userAgent = userAgent;
  }

  /**
   * Certificates with this key, as primary key or subkey: fingerprint (40 or 64 digits) or key ID (16 or 8), in
   * hexadecimal. Their fingerprints were computed and their signatures verified here; of keys that their owners named
   * as revokers by asking for these, too. None when the keystore has none; several only for a key ID.
   */
  async get(id: string): Promise<readonly Certificate[]> {
    const wanted = id.replace(/^0x/i, '').toUpperCase();
    if (!/^(?:[0-9A-F]{8}|[0-9A-F]{16}|[0-9A-F]{40}|[0-9A-F]{64})$/.test(wanted)) {
      throw new HkpClientError('BAD_URL', `"${id}" is neither a fingerprint nor a key ID`);
    }
    const body = await this.#getBody(wanted);
    if (body === undefined) return [];
    const { certificates, awaited } = await this.#received(body, wanted);
    if (awaited.length === 0) return certificates;
    const revokers: PublicKey[] = [];
    for (const revoker of awaited.slice(0, MAX_REVOKERS)) {
      const other = await this.#getBody(revoker);
      if (other === undefined) continue;
      const received = await this.#received(other, revoker);
      revokers.push(...received.certificates.map(({ primary }) => primary.key));
    }
    return (await this.#received(body, wanted, revokers)).certificates;
  }

  /** What the server says it has: its word only. Key IDs and fingerprints are searched as such. */
  async search(text: string): Promise<SearchAnswer> {
    const hex = /^(?:0x)?((?:[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{40}|[0-9a-f]{64}))$/i.exec(text.trim())?.[1];
    const search = hex === undefined ? text : `0x${hex.toUpperCase()}`;
    const page = { fingerprint: 'on', 'x-pagesize': String(PAGE_SIZE) };
    const answer = await this.#ask({ op: 'index', options: 'mr', search, ...page });
    if (answer.status === 404) return { entries: [], more: false };
    this.#requireSuccess(answer);
    const entries = await this.#reading(() => readIndex(answer.body.toString('utf8')));
    return { entries, more: (answer.headers.get('X-HKP-Next-Page-Token') ?? '') !== '' };
  }

  /** Publishes a certificate, which by its type holds no secret. Returns the server's answer, one line of it. */
  async push(certificate: Certificate): Promise<string> {
    const keytext = armor(serializeCertificate(certificate));
    const answer = await this.#exchange({
      url: new URL('/pks/add', this.#url),
      form: new URLSearchParams({ keytext }),
    });
    this.#requireSuccess(answer);
    return firstLine(answer.body.subarray(0, MAX_MESSAGE_OCTETS).toString('utf8'));
  }

  /**
   * A page of the change log of a Vouch keystore: changes after the one of sequence `since`, at most `limit`.
   * Undefined when the keystore has no such log.
   */
  async changes(since: number, limit: number = CHANGES_PAGE): Promise<ChangesAnswer | undefined> {
    const url = new URL('/vouch/v1/changes', this.#url);
    url.search = `since=${since}&limit=${limit}`;
    const answer = await this.#exchange({ url });
    if (answer.status === 404) return undefined;
    this.#requireSuccess(answer);
    return this.#reading(() => readChanges(answer.body.toString('utf8'), since, limit));
  }

  /**
   * SHA-256 (lower-case hexadecimal) of the certificates that a Vouch keystore holds of these, by the fingerprint of
   * the primary key, 40 or 64 upper-case digits; asks once for each hundred. Undefined when the keystore tells none.
   */
  async digests(fingerprints: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    const all = new Map<string, string>();
    for (let at = 0; at < fingerprints.length; at += DIGESTS_PAGE) {
      const page = fingerprints.slice(at, at + DIGESTS_PAGE);
      const url = new URL('/vouch/v1/digests', this.#url);
      url.search = `of=${page.join(',')}`;
      const answer = await this.#exchange({ url });
      if (answer.status === 404) return undefined;
      this.#requireSuccess(answer);
      const read = await this.#reading(() => readDigests(answer.body.toString('utf8'), new Set(page)));
      for (const [fingerprint, digest] of read) all.set(fingerprint, digest);
    }
    return all;
  }

  /** What the server calls its version; undefined when it does not say. */
  async version(): Promise<string | undefined> {
    const base = new URL(this.#url);
    base.pathname = `${base.pathname.replace(/\/$/, '')}/version`;
    const answer = await this.#exchange({ url: base });
    if (answer.status === 404) return undefined;
    this.#requireSuccess(answer);
    const told = member(member(parseJson(answer.body), 'data'), 'version');
    return typeof told === 'string' ? told : undefined;
  }

  /** Undefined when the keystore has no such key. */
  async #getBody(wanted: string): Promise<Buffer | undefined> {
    // Certificates of version 6 are given out to those only who say that they can read binary.
    const options = wanted.length === 64 ? 'mr,bin' : 'mr';
    const answer = await this.#ask({ op: 'get', options, search: `0x${wanted}`, exact: 'on' });
    if (answer.status === 404 || answer.status === 410) return undefined;
    this.#requireSuccess(answer);
    return answer.body;
  }

  #received(body: Buffer, wanted: string, revokers: readonly PublicKey[] = []): Promise<Received> {
    const isWanted = ({ fingerprint, keyId }: PublicKey): boolean =>
      wanted.length > 16 ? fingerprint === wanted : keyId.endsWith(wanted);
    return this.#reading(() => receivedCertificates(body, isWanted, revokers));
  }

  /** Singularity's library asks at the root of the host whatever the path of the URL: so do we. */
  #ask(variables: Record<string, string>): Promise<Answer> {
    const url = new URL('/pks/lookup', this.#url);
    // `+` for a space is a form's way; some servers take it for itself.
    url.search = Object.entries(variables)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    return this.#exchange({ url });
  }

  #exchange(question: Question): Promise<Answer> {
    return request(question, { timeout: this.#timeout, userAgent: this.#userAgent });
  }

  async #reading<T>(read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof HkpClientError)) throw error;
      throw new HkpClientError(error.code, `${this.#url.host}: ${error.message}`, { cause: error });
    }
  }

  #requireSuccess({ status, body }: Answer): void {
    if (status >= 200 && status < 300) return;
    const said = serverMessage(body);
    const message = `${this.#url.host} answers ${status}${said === '' ? '' : `: ${said}`}`;
    throw new HkpClientError(status === 401 ? 'UNAUTHORIZED' : 'REFUSED', message);
  }
}

/** `{"error":{"code":…,"message":…}}`, as Sylabs' keystore and ours say it, or the first line of a short text. */
function serverMessage(body: Buffer): string {
  const told = member(member(parseJson(body), 'error'), 'message');
  if (typeof told === 'string') return firstLine(told);
  const text = body.toString('utf8');
  return text.trimStart().startsWith('<') ? '' : firstLine(text);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

const LINE = 300;

function firstLine(text: string): string {
  return (text.trim().split(/\r|\n/)[0] ?? '').slice(0, LINE);
}
