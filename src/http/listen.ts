import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpError } from './error.ts';
import { drain, hardenedServer, hardenedTlsServer } from './hardened-server.ts';
import type { Application, TlsMaterial } from './hardened-server.ts';
import { DEFAULT_LISTEN_LIMITS, type ListenLimits } from './limits.ts';

export interface Listening {
  readonly address: string;
  readonly port: number;
  /** `http://127.0.0.1:11371`, `https://[::1]:11371`. */
  readonly url: string;
  /**
   * Takes new material for connections to come; those that are open stay. Throws what Node throws for material
   * that does not fit together, and keeps the old one. Only for a server with TLS.
   */
  renewTls(tls: TlsMaterial): void;
  /**
   * Accepts no more connections, lets requests in flight finish within the `drain` time, then cuts what is
   * left. May be called more than once.
   */
  close(): Promise<void>;
}

/**
 * Listens for HTTP on a TCP address, for HTTPS when there is material for it; port 0 takes a free one. Throws
 * `ADDRESS_IN_USE` and `LISTEN_FAILED`.
 */
export async function listen(
  app: Application,
  at: { readonly host: string; readonly port: number },
  overrides: Partial<ListenLimits> = {},
  tls?: TlsMaterial,
): Promise<Listening> {
  const limits = { ...DEFAULT_LISTEN_LIMITS, ...overrides };
  const secure = tls === undefined ? undefined : hardenedTlsServer(app, limits, tls);
  const server = secure ?? hardenedServer(app, limits);
  const bound = await bind(server, at);
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  let closing: Promise<void> | undefined;
  return {
    address: bound.address,
    port: bound.port,
    url: `${secure === undefined ? 'http' : 'https'}://${host}:${bound.port}`,
    renewTls: (material) => secure?.setSecureContext({ ...material, minVersion: 'TLSv1.2' }),
    close: () => (closing ??= drain(server, limits.drain)),
  };
}

/**
 * Connections that wait to be accepted, as many as the kernel lets wait (net.core.somaxconn). Those that find no room
 * try again after one second, then three, then seven: honest clients too.
 */
const BACKLOG = 4096;

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
    server.listen({ host, port, backlog: BACKLOG }, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string')
        throw new TypeError('a TCP server without a TCP address');
      resolve(bound);
    });
  });
}
