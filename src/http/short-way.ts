import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import { logRequest } from './access-log.ts';
import type { Application } from './hardened-server.ts';
import { passFailure } from './passed-failure.ts';
import { writeReady, type ReadyAnswer } from './ready-answer.ts';
import { newRequestId } from './request-id.ts';
import type { RequestMeter } from './request-meter.ts';

export interface ShortWayParts {
  /** Takes every request that cannot be answered here, and says what went wrong: it uses `throwPassedFailures`. */
  readonly app: Application;
  /** The path that is answered here, and its route. */
  readonly path: string;
  /**
   * What is answered to a query of that path, or what makes it and throws what is to be said when there is no answer;
   * undefined for a query that is not answered here.
   */
  readonly find: (query: string) => ReadyAnswer | (() => Promise<ReadyAnswer>) | undefined;
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
 * Stands before an application and sends what is ready or soon made, without the twenty steps that a request takes
 * through it. Who is answered here gets what the application would have sent.
 */
export class ShortWay implements Application {
  readonly #parts: ShortWayParts;
  readonly #prefix: string;

  constructor(parts: ShortWayParts) {
    this.#parts = parts;
    this.#prefix = `${parts.path}?`;
  }

  callback(): ReturnType<Application['callback']> {
    const { app, path, mayAsk } = this.#parts;
    const goOn = app.callback();
    return (request, response) => {
      const found = this.#find(request);
      if (found === undefined || !mayAsk(request)) return goOn(request, response);
      const began = this.#moment();
      if (typeof found !== 'function') return this.#send(request, response, found, began);
      return found().then(
        (answer) => this.#send(request, response, answer, began),
        (error: unknown) => {
          passFailure(request, error, path);
          return goOn(request, response);
        },
      );
    };
  }

  #find(request: IncomingMessage): ReturnType<ShortWayParts['find']> {
    const { url = '', method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (!url.startsWith(this.#prefix) || !QUERY.test(url)) return undefined;
    if (request.httpVersion !== '1.1' || hasMore(headers) || !this.#parts.isPlain(request)) return undefined;
    return this.#parts.find(url.slice(this.#prefix.length));
  }

  #moment(): Moment {
    const { now, meter } = this.#parts;
    return { time: now(), metered: meter?.now() ?? 0 };
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: ReadyAnswer, began: Moment): void {
    const { log, meter, path } = this.#parts;
    const id = newRequestId();
    writeReady(response, id, answer);
    const ended = this.#moment();
    meter?.count(path, request.method ?? '', 200, ended.metered - began.metered);
    const milliseconds = ended.time - began.time;
    logRequest(log, request, { id, path, status: 200, milliseconds, octets: answer.body.length });
  }
}

/** The clocks of the log and of the meter. */
interface Moment {
  readonly time: number;
  readonly metered: number;
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
