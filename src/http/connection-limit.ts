import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Closes new connections of an address that has `most` open. Without it one host with slow sockets holds
 * all of `maxConnections` until they time out.
 */
export function limitConnections(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    // The peer is gone already.
    if (address === undefined) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
