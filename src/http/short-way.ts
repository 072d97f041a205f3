/*
 * A way past Koa for what is asked thousands of times in a second: contexts, middlewares and the router take longer
 * than such an answer itself. What is not plain goes Koa's way, and so does what goes wrong, so that there is one place
 * where bodies are refused and errors become answers.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { Log } from '../log.ts';
import { requestFields } from './access-log.ts';
import type { Application } from './hardened-server.ts';

export interface ShortWay {
  /** Whether requests with this method and target go the short way. */
  takes(method: string, target: string): boolean;
  /** Octets that a body may have on it. */
  readonly maxOctets: number;
  /** Whatever is thrown becomes an answer as if a route had thrown it. */
  answer(request: PlainRequest): Promise<PlainAnswer>;
}

/** HTTP/1.1, without transfer coding, content coding and expectations; the body is there in full. */
export interface PlainRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly body: Buffer;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a status that has none. */
  readonly body?: string;
}

interface Watched {
  /** Takes a line for each request. */
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
}

const failures = new WeakMap<IncomingMessage, unknown>();

/** The application with a short way in front. It has to use `shortWayFailures`. */
export function withShortWay(app: Koa, way: ShortWay, watched: Watched): Application {
  return {
    callback: () => {
      const usual = app.callback();
      return (request, response) => {
        const { method = '', url: target = '' } = request;
        if (!way.takes(method, target) || !isPlain(request, way.maxOctets)) return usual(request, response);
        return answerShortly(request, response, { way, watched, usual });
      };
    },
  };
}

/** Behind `answerErrors`: throws what the short way threw. */
export function shortWayFailures(): Koa.Middleware {
  return async (ctx, next) => {
    if (failures.has(ctx.req)) throw failures.get(ctx.req);
    await next();
  };
}

/** Everything about a body that can be refused is refused on Koa's way. */
function isPlain({ httpVersion, headers }: IncomingMessage, maxOctets: number): boolean {
  return (
    httpVersion === '1.1' &&
    headers['transfer-encoding'] === undefined &&
    headers['content-encoding'] === undefined &&
    headers.expect === undefined &&
    Number(headers['content-length'] ?? 0) <= maxOctets
  );
}

interface Ways {
  readonly way: ShortWay;
  readonly watched: Watched;
  readonly usual: ReturnType<Koa['callback']>;
}

async function answerShortly(
  request: IncomingMessage,
  response: ServerResponse,
  { way, watched: { log, now }, usual }: Ways,
): Promise<void> {
  const start = now();
  const { method = '', url: target = '' } = request;
  const body = await wholeBody(request);
  // The client is gone.
  if (body === undefined) return;
  let answer: PlainAnswer;
  try {
    answer = await way.answer({ method, target, body });
  } catch (error) {
    failures.set(request, error);
    await usual(request, response);
    return;
  }
  const id = randomUUID();
  const { status, body: text = '' } = answer;
  const octets = Buffer.byteLength(text);
  send(response, answer, { id, octets });
  const [path = ''] = target.split('?', 1);
  const { remoteAddress } = request.socket;
  log.debug(
    'request',
    requestFields({ id, method, path, status, took: now() - start, octets, remoteAddress }),
  );
}

/** Undefined when the connection is lost before its end. Of at most as many octets as were declared. */
function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks;
      resolve(chunks.length > 1 ? Buffer.concat(chunks) : first);
    });
    request.on('close', () => resolve(undefined));
    // The error event of a lost connection says no more than the close event that follows it.
    request.on('error', () => undefined);
  });
}

function send(
  response: ServerResponse,
  { status, headers, body }: PlainAnswer,
  { id, octets }: { readonly id: string; readonly octets: number },
): void {
  const about = { ...headers, 'X-Request-Id': id };
  response.writeHead(status, body === undefined ? about : { ...about, 'Content-Length': octets });
  // A text goes out in one piece with the headers.
  response.end(body);
}
