import type { Socket } from 'node:net';

/** Connections that have no request under way. */
export class IdleConnections {
  /** The longest first. */
  readonly #idle = new Set<Socket>();
  /** How many requests of a connection are under way besides the first: they came before it was answered. */
  readonly #more = new Map<Socket, number>();

  add(socket: Socket): void {
    this.#idle.add(socket);
  }

  /** A request came. */
  begin(socket: Socket): void {
    if (!this.#idle.delete(socket)) this.#more.set(socket, (this.#more.get(socket) ?? 0) + 1);
  }

  /** One was answered, or will not be. */
  end(socket: Socket): void {
    // Mostly nobody has more than one: this is on the way of every request.
    const more = this.#more.size === 0 ? undefined : this.#more.get(socket);
    if (more === undefined) this.#idle.add(socket);
    else if (more > 1) this.#more.set(socket, more - 1);
    else this.#more.delete(socket);
  }

  delete(socket: Socket): void {
    this.#idle.delete(socket);
    this.#more.delete(socket);
  }

  /** The one that has been idle longest, if any is. */
  longest(): Socket | undefined {
    const [first] = this.#idle;
    return first;
  }
}
