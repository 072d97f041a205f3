import { dirname, join } from 'node:path';
import { AdmissionError } from '../admission/error.ts';
import type { Caller } from '../admission/request.ts';
import type { Application } from '../http/hardened-server.ts';
import type { ListenLimits } from '../http/limits.ts';
import { listenUnix } from '../http/listen-unix.ts';
import type { ListeningUnix, UnixAddress } from '../http/listen-unix.ts';
import { MAX_HEADER_OCTETS, MAX_WAIT } from './limits.ts';

/** Callers wait for images to be read; everything else is as for other servers. */
export const DOOR_LIMITS: Partial<ListenLimits> = {
  headerOctets: MAX_HEADER_OCTETS,
  idleTimeout: MAX_WAIT + 20_000,
};

export interface DoorsOptions {
  /** The API as whoever comes through a door has it. */
  readonly app: (caller: Caller) => Application;
  /** Path of the admin socket. The others lie beside it. */
  readonly socket: string;
  /** A descriptor of an admin socket that is open already. */
  readonly inherited?: number;
  /** User IDs that get a door at once. */
  readonly callers: readonly number[];
  readonly publicSocket: boolean;
  /** Who this process runs as. */
  readonly uid: number;
}

/** The sockets of a daemon. The kernel lets nobody but its owner connect to one; that is who the caller is. */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #users = new Map<number, Promise<ListeningUnix>>();
  readonly #open: ListeningUnix[] = [];

  constructor(options: DoorsOptions) {
    this.#options = options;
  }

  /**
   * Opens all doors; the admin's last: who finds it finds the others too. Throws `ADDRESS_IN_USE`, `LISTEN_FAILED`
   * and `FORBIDDEN`; what is open then is closed by `close`.
   */
  async open(): Promise<void> {
    const { callers, inherited, publicSocket, socket } = this.#options;
    for (const uid of callers) await this.addCaller(uid);
    if (publicSocket)
      await this.#listen({ path: this.#beside('public.sock'), mode: 0o666 }, { kind: 'anyone' });
    const admin = inherited === undefined ? { path: socket, mode: 0o600 } : { fd: inherited };
    await this.#listen(admin, { kind: 'admin' });
  }

  /** Opens the door of a user, if it is not open, and says where it is. */
  async addCaller(uid: number): Promise<string> {
    const own = this.#options.uid;
    if (own !== 0 && uid !== own) {
      const message = `this daemon runs as user ${own} and cannot give a socket to user ${uid}; only root's can`;
      throw new AdmissionError('FORBIDDEN', message);
    }
    const path = this.#beside(`u/${uid}.sock`);
    const opening = this.#users.get(uid) ?? this.#listen({ path, mode: 0o600, uid }, { kind: 'user', uid });
    this.#users.set(uid, opening);
    try {
      await opening;
    } catch (error) {
      this.#users.delete(uid);
      throw error;
    }
    return path;
  }

  /** Users that have a door. */
  get callers(): readonly number[] {
    return [...this.#users.keys()];
  }

  /** Closes the doors, lets questions under way be answered. */
  async close(): Promise<void> {
    await Promise.all(this.#open.map((door) => door.close()));
  }

  async #listen(at: UnixAddress, caller: Caller): Promise<ListeningUnix> {
    const door = await listenUnix(this.#options.app(caller), at, DOOR_LIMITS);
    this.#open.push(door);
    return door;
  }

  #beside(name: string): string {
    return join(dirname(this.#options.socket), name);
  }
}
