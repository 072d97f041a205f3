import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenLimits } from './limits.ts';

/** Accepted beyond the limit, each for the moment that it takes to make room for it. */
const HEADROOM = 64;

/**
 * Keeps connections within their limits. Of one address: new ones are closed, else one host with slow sockets would
 * hold all of them until they time out. In all: whoever comes takes the place of the one that has gone longest without
 * a request under way, else many hosts with idle sockets would.
 */
export function limitConnections(
  server: Server,
  { connections, connectionsPerAddress }: Pick<ListenLimits, 'connections' | 'connectionsPerAddress'>,
): void {
  server.maxConnections = connections + HEADROOM;
  const open = new Map<string, number>();
  /** Those that have no request under way, by their peer, the longest first. */
  const idle = new Map<string, Socket>();
  let all = 0;

  server.on('connection', (socket: Socket) => {
    const { remoteAddress: address } = socket;
    const peer = peerOf(socket);
    // The peer is gone already, or comes through a Unix socket: who may is the file system's affair.
    if (address === undefined || peer === undefined) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > connectionsPerAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    all += 1;
    if (all > connections) makeRoom(socket);
    idle.set(peer, socket);
    socket.once('close', () => {
      all -= 1;
      if (idle.get(peer) === socket) idle.delete(peer);
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });

  const busy = (request: IncomingMessage, response: ServerResponse): void => {
    const peer = peerOf(request.socket);
    const socket = peer === undefined ? undefined : idle.get(peer);
    if (peer === undefined || socket === undefined) return;
    idle.delete(peer);
    response.once('close', () => {
      if (!socket.destroyed) idle.set(peer, socket);
    });
  };
  server.on('request', busy);
  server.on('checkContinue', busy);

  /** When every other one is at work, the newcomer is closed. */
  function makeRoom(newcomer: Socket): void {
    const [longest] = idle;
    const [peer, socket] = longest ?? ['', newcomer];
    idle.delete(peer);
    socket.destroy();
  }
}

/** With TLS a request's socket is another object than the one that was accepted; the peer is the same. */
function peerOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remoteAddress === undefined || remotePort === undefined
    ? undefined
    : `${remoteAddress} ${remotePort}`;
}
