import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { answerUnreadable } from './client-error.ts';
import { limitConnections } from './connection-limit.ts';
import type { ListenLimits } from './limits.ts';

/** What is served: a Koa application, or what stands before one. */
export interface Application {
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
}

/** In PEM: the certificate with its chain, and its private key. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A server for an application, within limits; it listens nowhere yet. */
export function hardenedServer(app: Application, limits: ListenLimits): Server {
  return harden(createServer(optionsOf(limits)), app, limits);
}

/** The same over TLS 1.2 and later. Throws what Node throws for material that does not fit together. */
export function hardenedTlsServer(app: Application, limits: ListenLimits, tls: TlsMaterial): TlsServer {
  const options = { ...optionsOf(limits), ...tls, minVersion: 'TLSv1.2' as const };
  return harden(createTlsServer({ ...options, handshakeTimeout: limits.headersTimeout }), app, limits);
}

function optionsOf(limits: ListenLimits): Parameters<typeof createServer>[0] & object {
  return {
    maxHeaderSize: limits.headerOctets,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    // Never Node's lenient parser: it accepts what smuggles requests past proxies (RFC 9112 §11.2).
    insecureHTTPParser: false,
  };
}

function harden<S extends Server>(server: S, app: Application, limits: ListenLimits): S {
  server.timeout = limits.idleTimeout;
  // No maxRequestsPerSocket: Node answers 503 past it, which makes dirmngr give the host up for hours.
  limitConnections(server, limits);
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

const IDLE_CHECK_INTERVAL = 50;

/**
 * Accepts no more connections, lets requests in flight finish within `grace` milliseconds, then cuts what is left.
 */
export async function drain(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection whose last request was under way at close() becomes idle later, and Node keeps it open.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_INTERVAL);
  const cut = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
