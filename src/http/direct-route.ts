/*
 * Questions that are asked thousands of times in a second, answered without Koa, whose contexts, middlewares and router
 * take longer than such an answer itself. What is not plain goes through Koa, and so does what goes wrong: there is one
 * place where bodies are refused and errors become answers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { Log } from '../log.ts';
import { logRequest } from './access-log.ts';
import type { Application } from './hardened-server.ts';
import { passFailure } from './passed-failure.ts';
import { newRequestId, REQUEST_ID } from './request-id.ts';

export interface DirectRoute {
  /** Whether requests with this method and target are answered by it. */
  takes(method: string, target: string): boolean;
  /** Octets that a body may have. */
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
  /** In the order they are sent, without those of every answer: name, value, name, … */
  readonly headers: readonly string[];
  /** Undefined for a status that has none. */
  readonly body?: string;
}

interface Watched {
  /** Takes a line for each request. */
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
}

/** The application with a direct route before it. It has to use `throwPassedFailures`. */
export function withDirectRoute(app: Koa, route: DirectRoute, watched: Watched): Application {
  return {
    callback: () => {
      const usual = app.callback();
      return (request, response) => {
        const { method = '', url: target = '' } = request;
        if (!route.takes(method, target) || !isPlain(request, route.maxOctets))
          return usual(request, response);
        return answerDirectly(request, response, { route, watched, usual });
      };
    },
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
  readonly route: DirectRoute;
  readonly watched: Watched;
  readonly usual: ReturnType<Koa['callback']>;
}

/** A client that goes before its question is whole is not answered, and nothing waits for it. */
function answerDirectly(request: IncomingMessage, response: ServerResponse, ways: Ways): void {
  const start = ways.watched.now();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [first = NOTHING] = chunks;
    const body = chunks.length > 1 ? Buffer.concat(chunks) : first;
    void answerWhole(request, response, { start, body }, ways);
  });
}

const NOTHING = Buffer.alloc(0);

async function answerWhole(
  request: IncomingMessage,
  response: ServerResponse,
  { start, body }: { readonly start: number; readonly body: Buffer },
  { route, watched: { log, now }, usual }: Ways,
): Promise<void> {
  const { method = '', url: target = '' } = request;
  let answer: PlainAnswer;
  try {
    answer = await route.answer({ method, target, body });
  } catch (error) {
    passFailure(request, error);
    await usual(request, response);
    return;
  }
  const id = newRequestId();
  const { status, body: text = '' } = answer;
  const octets = Buffer.byteLength(text);
  send(response, answer, { id, octets });
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  logRequest(log, request, { id, path, status, milliseconds: now() - start, octets });
}

function send(
  response: ServerResponse,
  { status, headers, body }: PlainAnswer,
  { id, octets }: { readonly id: string; readonly octets: number },
): void {
  const length = body === undefined ? [] : ['Content-Length', String(octets)];
  response.writeHead(status, [...headers, REQUEST_ID, id, ...length]);
  // A text goes out in one piece with the headers.
  response.end(body);
}
