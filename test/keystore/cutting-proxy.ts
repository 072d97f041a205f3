/* Stands between a store and its PostgreSQL, and cuts a connection at its COMMIT. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/**
 * Where the next COMMIT is cut off: before the database has it, on its way (whether the database heard of the end first
 * is left to chance), or after the database has committed, before the answer is passed on.
 */
export type Cut = 'before the commit' | 'with the commit on its way' | 'after the commit';

export interface CuttingProxy {
  /** That of the database, by way of the proxy. */
  readonly url: string;
  arm(cut: Cut): void;
  /** Whether the cut that was armed was made. */
  disarm(): boolean;
  close(): Promise<void>;
}

const SOCKET = '.s.PGSQL.5432';

/** `url` names a database on a Unix socket in a folder. */
export async function cuttingProxy(url: string): Promise<CuttingProxy> {
  const target = path.join(new URL(url).searchParams.get('host') ?? '', SOCKET);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vx-'));
  const open = new Set<Socket>();
  let armed: Cut | undefined;
  let cut = false;

  const server = createServer((client) => {
    const database = connect(target);
    const sever = (): void => {
      armed = undefined;
      cut = true;
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      open.add(socket);
      // Whichever end goes, the other follows.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        database.destroy();
      });
    }
    const asked = new Messages('the client');
    client.on('data', (chunk: Buffer) => {
      for (const message of asked.push(chunk)) {
        const commits = isCommit(message, 'Q');
        if (commits && armed === 'before the commit') return sever();
        database.write(message);
        if (commits && armed === 'with the commit on its way') {
          armed = undefined;
          cut = true;
          database.end(() => client.destroy());
          return;
        }
      }
    });
    const answered = new Messages('the database');
    database.on('data', (chunk: Buffer) => {
      for (const message of answered.push(chunk)) {
        if (isCommit(message, 'C') && armed === 'after the commit') return sever();
        client.write(message);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path.join(folder, SOCKET), resolve));

  return {
    url: url.replace(encodeURIComponent(path.dirname(target)), encodeURIComponent(folder)),
    arm(next) {
      armed = next;
      cut = false;
    },
    disarm() {
      armed = undefined;
      return cut;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A statement `COMMIT` of the client, or the end of one as the database tells it. */
function isCommit(message: Buffer, type: 'Q' | 'C'): boolean {
  return message.toString('latin1', 0, 1) === type && message.toString('latin1', 5) === 'COMMIT\0';
}

/** Cuts one direction of a connection into messages: a letter, a length that counts itself, and so many octets. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);
  /** The first message of a client has no letter. */
  #letter: 0 | 1;

  constructor(sender: 'the client' | 'the database') {
    this.#letter = sender === 'the client' ? 0 : 1;
  }

  *push(chunk: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= this.#letter + 4) {
      const length = this.#letter + this.#rest.readUInt32BE(this.#letter);
      if (this.#rest.length < length) return;
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#letter = 1;
      yield message;
    }
  }
}
