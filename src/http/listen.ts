import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { HttpError } from './error.ts';
import { drain, hardenedServer } from './hardened-server.ts';
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
