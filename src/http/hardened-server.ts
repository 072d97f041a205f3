import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type Koa from 'koa';
import { answerUnreadable } from './client-error.ts';
import { limitConnections } from './connection-limit.ts';
import type { ListenLimits } from './limits.ts';

/** A server for an application, within limits; it listens nowhere yet. */
export function hardenedServer(app: Koa, limits: ListenLimits): Server {
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
