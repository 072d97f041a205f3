import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type Koa from 'koa';
import { answerUnreadable } from './client-error.ts';
import { limitConnections } from './connection-limit.ts';
import { HttpError } from './error.ts';
import { DEFAULT_LISTEN_LIMITS, type ListenLimits } from './limits.ts';

export interface Listening {
  readonly address: string;
  readonly port: number;
  /** `http://127.0.0.1:11371`, `http://[::1]:11371`. */
  readonly url: string;
  /**
   * Accepts no more connections, lets requests in flight finish within the `drain` time, then cuts what is
   * left. May be called more than once.
   */
  close(): Promise<void>;
}

/** Listens for HTTP on a TCP address; port 0 takes a free one. Throws `ADDRESS_IN_USE` and `LISTEN_FAILED`. */
export async function listen(
  app: Koa,
  at: { readonly host: string; readonly port: number },
  overrides: Partial<ListenLimits> = {},
): Promise<Listening> {
  const limits = { ...DEFAULT_LISTEN_LIMITS, ...overrides };
  const server = hardenedServer(app, limits);
  const bound = await bind(server, at);
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  let closing: Promise<void> | undefined;
  return {
    address: bound.address,
    port: bound.port,
    url: `http://${host}:${bound.port}`,
    close: () => (closing ??= drain(server, limits.drain)),
  };
}

function hardenedServer(app: Koa, limits: ListenLimits): Server {
  const server = createServer({
    maxHeaderSize: limits.headerOctets,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    // Never Node's lenient parser: it accepts what smuggles requests past proxies (RFC 9112 §11.2).
    insecureHTTPParser: false,
  });
  server.timeout = limits.idleTimeout;
  server.maxConnections = limits.connections;
  // No maxRequestsPerSocket: Node answers 503 past it, which makes dirmngr give the host up for hours.
  limitConnections(server, limits.connectionsPerAddress);
  const handle = app.callback();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (!server.listening) response.shouldKeepAlive = false;
    void handle(request, response);
  };
  server.on('request', serve);
  // `readBody` answers "100 Continue" when it wants the body: a refused upload is never sent.
  server.on('checkContinue', serve);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => answerUnreadable(error, socket));
  return server;
}

function bind(server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') {
        const message = `another process listens on ${host} port ${port}; stop it or choose another port`;
        reject(new HttpError('ADDRESS_IN_USE', message, { cause }));
      } else {
        const message = `cannot listen on ${host} port ${port}: ${cause.code ?? cause.message}`;
        reject(new HttpError('LISTEN_FAILED', message, { cause }));
      }
    });
    server.listen({ host, port }, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string')
        throw new TypeError('a TCP server without a TCP address');
      resolve(bound);
    });
  });
}

const IDLE_CHECK_INTERVAL = 50;

async function drain(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection whose last request was under way at close() becomes idle later, and Node keeps it open.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_INTERVAL);
  const cut = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
