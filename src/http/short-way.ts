import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import { logRequest } from './access-log.ts';
import type { Application } from './hardened-server.ts';
import { writeReady, type ReadyAnswer } from './ready-answer.ts';
import { newRequestId } from './request-id.ts';
import type { RequestMeter } from './request-meter.ts';

export interface ShortWayParts {
  /** Takes every request that cannot be answered at once. */
  readonly app: Application;
  /** The path that is answered here, and its route. */
  readonly path: string;
  /** What is answered to a query of that path, if that is ready, or will be in a moment. */
  readonly find: (query: string) => ReadyAnswer | Promise<ReadyAnswer | undefined> | undefined;
  /** False: there is something about the request that the application has to look at, and may refuse it for. */
  readonly isPlain: (request: IncomingMessage) => boolean;
  /** Counts the request against the budget of its client; false: the application is to refuse it. */
  readonly mayAsk: (request: IncomingMessage) => boolean;
  readonly meter?: RequestMeter | undefined;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Stands before an application and sends what is ready, without the twenty steps that a request takes through it.
 * Who is answered here gets what the application would have sent.
 */
export class ShortWay implements Application {
  readonly #parts: ShortWayParts;
  readonly #prefix: string;

  constructor(parts: ShortWayParts) {
    this.#parts = parts;
    this.#prefix = `${parts.path}?`;
  }

  callback(): ReturnType<Application['callback']> {
    const { app, mayAsk } = this.#parts;
    const goOn = app.callback();
    const settle = (
      request: IncomingMessage,
      response: ServerResponse,
      answer: ReadyAnswer | undefined,
    ): Promise<void> | void =>
      answer !== undefined && mayAsk(request)
        ? this.#send(request, response, answer)
        : goOn(request, response);
    return (request, response) => {
      const found = this.#find(request);
      if (!(found instanceof Promise)) return settle(request, response, found);
      return found.then((answer) => settle(request, response, answer));
    };
  }

  #find(request: IncomingMessage): ReturnType<ShortWayParts['find']> {
    const { url = '', method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (!url.startsWith(this.#prefix) || !QUERY.test(url)) return undefined;
    if (request.httpVersion !== '1.1' || hasMore(headers) || !this.#parts.isPlain(request)) return undefined;
    return this.#parts.find(url.slice(this.#prefix.length));
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: ReadyAnswer): void {
    const { log, now, meter, path } = this.#parts;
    const [start, began] = [now(), meter?.now() ?? 0];
    const id = newRequestId();
    writeReady(response, id, answer);
    meter?.count(path, request.method ?? '', 200, meter.now() - began);
    const octets = answer.body.length;
    logRequest(log, request, { id, path, status: 200, milliseconds: now() - start, octets });
  }
}

/** Printable ASCII. Everything else, and "#", is understood by the application in its own way. */
const QUERY = /^[!"$-~]*$/;

/** Conditions, and what announces a body or asks whether one is wanted. */
function hasMore(headers: IncomingMessage['headers']): boolean {
  return (
    headers['if-none-match'] !== undefined ||
    headers['content-length'] !== undefined ||
    headers['transfer-encoding'] !== undefined ||
    headers.expect !== undefined
  );
}
