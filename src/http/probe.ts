/* One exchange with any server, seen as it is: no redirect is followed, and a bad TLS certificate is a fact. */
import { request as requestPlain } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { HttpError } from './error.ts';
import { receive } from './receive.ts';

export interface Probe {
  /** http or https. */
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
  /** Octets that the answer's body may have. */
  readonly maxOctets: number;
  /** Certificates that are trusted, in PEM; undefined: those of Node.js. */
  readonly authorities: string | undefined;
  /** Whether a TLS certificate that is not good ends the exchange: before anything secret is sent. */
  readonly strict: boolean;
}

export interface TlsFacts {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** OpenSSL's or Node's code for what is wrong with the certificate: `CERT_HAS_EXPIRED`. */
  readonly fault: string | undefined;
  /** The names it is for (RFC 5280 §4.2.1.6), as Node writes them: `DNS:keys.example.org`. Hostile text. */
  readonly names: string | undefined;
  /** When it ends, milliseconds since 1970; NaN when it does not say. */
  readonly expires: number;
}

export interface ProbeAnswer {
  readonly status: number;
  /** One that was sent several times has all its values, with commas between them. */
  readonly headers: Headers;
  readonly body: Buffer;
  /** Undefined for http. */
  readonly tls: TlsFacts | undefined;
}

/** Throws `UNREACHABLE`, `ANSWER_LATE` and `ANSWER_TOO_LARGE`. */
export function probe(asked: Probe): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = begin(asked);
    // Cutting the connection off shows as a broken one: what was the reason is told first.
    const timer = setTimeout(() => {
      reject(new HttpError('ANSWER_LATE', `no answer within ${asked.timeout / 1000} seconds`));
      outgoing.destroy();
    }, asked.timeout);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error instanceof HttpError ? error : unreachable(asked.url, error));
    };
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      // The socket is let go of with the end of the answer.
      const tls = tlsFacts(response.socket);
      receive(response, outgoing, asked.maxOctets).then((body) => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body, tls });
      }, fail);
    });
    outgoing.end(asked.body);
  });
}

function begin({ url, method, headers, body, authorities, strict }: Probe): ClientRequest {
  const shared = {
    method,
    agent: false,
    headers: {
      ...headers,
      ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }),
    },
  } as const;
  if (url.protocol === 'http:') return requestPlain(url, shared);
  return requestSecure(url, {
    ...shared,
    rejectUnauthorized: strict,
    ...(authorities !== undefined && { ca: authorities }),
  });
}

function tlsFacts(socket: Socket): TlsFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { subjectaltname, valid_to } = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    fault: socket.authorized ? undefined : faultOf(socket.authorizationError),
    names: subjectaltname,
    expires: Date.parse(valid_to),
  };
}

/** By its types an error; OpenSSL's codes come as bare text. */
function faultOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return String(error);
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? '', (rawHeaders[i + 1] ?? '').replace(/[^\t\x20-\x7E\x80-\xFF]/g, ''));
  }
  return headers;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name cannot be resolved now',
  ECONNRESET: 'the connection broke',
  EPROTO: 'it does not speak TLS 1.2 or newer there',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it does not speak TLS 1.2 or newer there',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it does not speak TLS 1.2 or newer there',
};

function unreachable(url: URL, cause: NodeJS.ErrnoException): HttpError {
  // Several addresses were tried.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
  const code = cause.code ?? (first instanceof Error && 'code' in first ? String(first.code) : '');
  const words = WORDS[code] ?? (cause.message || code);
  return new HttpError('UNREACHABLE', `cannot reach ${url.origin}: ${words}`, { cause });
}
