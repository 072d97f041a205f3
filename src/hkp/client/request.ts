/* One exchange with a server of which nothing good is assumed: bounded in time, octets and redirects. */
import { HkpClientError } from './error.ts';
import { MAX_ANSWER_OCTETS, MAX_MESSAGE_OCTETS, MAX_REDIRECTS } from './limits.ts';

export interface RequestOptions {
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** What the client calls itself. */
  readonly userAgent: string;
  /** A token, which goes to the origin that is asked and to no other that it redirects to. */
  readonly bearer?: string | undefined;
  /** Ends it early. */
  readonly stopping?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface Question {
  readonly url: URL;
  /** A form to send by POST. */
  readonly form?: URLSearchParams;
}

/**
 * The answer, of whatever status. Throws `UNREACHABLE`, `TIMEOUT`, `ANSWER_TOO_LARGE`, `BAD_REDIRECT`.
 */
export async function request(question: Question, options: RequestOptions): Promise<Answer> {
  const late = AbortSignal.timeout(options.timeout);
  const signal = options.stopping === undefined ? late : AbortSignal.any([late, options.stopping]);
  let { url } = question;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    try {
      const response = await fetch(url, { ...initOf(question, url, options), signal });
      const { status, headers } = response;
      if (status < 300 || status >= 400) return { status, headers, body: await readBody(response) };
      await response.body?.cancel();
      url = redirectTarget(url, response, question.form !== undefined);
    } catch (error) {
      throw explain(error, url, options);
    }
  }
  throw new HkpClientError('BAD_REDIRECT', `${question.url.host} redirects more than ${MAX_REDIRECTS} times`);
}

function initOf({ form, url }: Question, to: URL, { userAgent, bearer }: RequestOptions): RequestInit {
  const known = bearer !== undefined && to.origin === url.origin;
  const headers = { 'User-Agent': userAgent, ...(known && { Authorization: `Bearer ${bearer}` }) };
  const shared: RequestInit = { redirect: 'manual', headers };
  return form === undefined ? shared : { ...shared, method: 'POST', body: form };
}

/** A push is sent on only where HTTP says that it stays one (RFC 9110 §15.4.8, §15.4.9). */
function redirectTarget(from: URL, { status, headers }: Response, push: boolean): URL {
  const bad = (what: string): HkpClientError =>
    new HkpClientError('BAD_REDIRECT', `${from.host} redirects ${what}`);
  const location = headers.get('Location');
  if (location === null || !URL.canParse(location, from)) throw bad('to nowhere');
  const to = new URL(location, from);
  if (push && status !== 307 && status !== 308) throw bad('a push in a way that would lose it');
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw bad(`to ${to.protocol}`);
  if (from.protocol === 'https:' && to.protocol === 'http:') throw bad('from https to http');
  if (to.username !== '' || to.password !== '') throw bad('with a password');
  return to;
}

/** Counts what comes out of decompression, and hangs up at the limit. */
async function readBody(response: Response): Promise<Buffer> {
  const most = response.ok ? MAX_ANSWER_OCTETS : MAX_MESSAGE_OCTETS;
  const chunks: Uint8Array[] = [];
  let octets = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    octets += chunk.length;
    if (octets > most && response.ok) {
      throw new HkpClientError('ANSWER_TOO_LARGE', `its answer has more than ${most} octets`);
    }
    if (octets > most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

function explain(error: unknown, url: URL, { timeout }: RequestOptions): HkpClientError {
  if (error instanceof HkpClientError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new HkpClientError('TIMEOUT', `no answer from ${url.host} within ${timeout / 1000} seconds`, {
      cause: error,
    });
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new HkpClientError('UNREACHABLE', `cannot reach ${url.origin}: ${inWords(cause)}`, { cause: error });
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name cannot be resolved now',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its TLS certificate is self-signed',
};

function inWords(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return WORDS[code] ?? (cause.message || code);
}
