import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { IdleConnections } from './idle-connections.ts';
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
  const idle = new IdleConnections();
  const acceptedSocket = findsAccepted(server);
  let all = 0;

  server.on('connection', (socket: Socket) => {
    const { remoteAddress: address } = socket;
    // The peer is gone already, or comes through a Unix socket: who may is the file system's affair.
    if (address === undefined) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > connectionsPerAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    all += 1;
    if (all > connections) makeRoom(socket);
    idle.add(socket);
    socket.on('close', () => {
      all -= 1;
      idle.delete(socket);
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });

  const busy = (request: IncomingMessage, response: ServerResponse): void => {
    const socket = acceptedSocket(request.socket);
    // Not those that are not counted.
    if (socket.destroyed || socket.remoteAddress === undefined) return;
    idle.begin(socket);
    response.on('close', idleAgain);
  };
  server.on('request', busy);
  server.on('checkContinue', busy);

  /** One function for all answers: this is on the way of every request. */
  function idleAgain(this: ServerResponse): void {
    const socket = acceptedSocket(this.req.socket);
    if (!socket.destroyed) idle.end(socket);
  }

  /** When every other one is at work, the newcomer is closed. */
  function makeRoom(newcomer: Socket): void {
    const longest = idle.longest() ?? newcomer;
    idle.delete(longest);
    longest.destroy();
  }
}

/** With TLS a request's socket is another object than the one that was accepted; the peer is the same. */
function findsAccepted(server: Server): (socket: Socket) => Socket {
  if (!(server instanceof TlsServer)) return (socket) => socket;
  const byPeer = new Map<string, Socket>();
  const accepted = new WeakMap<Socket, Socket>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    byPeer.set(peer, socket);
    socket.on('close', () => {
      if (byPeer.get(peer) === socket) byPeer.delete(peer);
    });
  });
  server.on('secureConnection', (socket) => {
    const below = byPeer.get(peerOf(socket));
    if (below !== undefined) accepted.set(socket, below);
  });
  return (socket) => accepted.get(socket) ?? socket;
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
