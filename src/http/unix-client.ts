import { request } from 'node:http';
import { HttpError } from './error.ts';
import { receive } from './receive.ts';

export interface UnixRequest {
  /** Where the service listens. */
  readonly socketPath: string;
  readonly method: 'GET' | 'POST';
  /** With the query. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
  /** Octets that the answer's body may have. */
  readonly maxOctets: number;
}

export interface UnixAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** One HTTP request over a Unix socket. Throws `UNREACHABLE`, `ANSWER_LATE` and `ANSWER_TOO_LARGE`. */
export function askUnix(asked: UnixRequest): Promise<UnixAnswer> {
  const { socketPath, method, path, body, timeout } = asked;
  return new Promise((resolve, reject) => {
    const headers = {
      // Node would name "localhost" itself; said here, so that it does not depend on Node.
      Host: 'localhost',
      Accept: 'application/json',
      ...(body !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      }),
    };
    const outgoing = request({ socketPath, method, path, headers, agent: false });
    // Cutting the connection off shows as a broken one: what was the reason is told first.
    const timer = setTimeout(() => {
      reject(new HttpError('ANSWER_LATE', `no answer within ${timeout} ms`));
      outgoing.destroy();
    }, timeout);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error instanceof HttpError ? error : unreachable(socketPath, error));
    };
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      receive(response, outgoing, asked.maxOctets).then((received) => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body: received });
      }, fail);
    });
    outgoing.end(body);
  });
}

function unreachable(socketPath: string, cause: NodeJS.ErrnoException): HttpError {
  return new HttpError('UNREACHABLE', `cannot ask ${socketPath}: ${cause.code ?? cause.message}`, { cause });
}
