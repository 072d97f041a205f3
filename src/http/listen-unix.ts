import { chmodSync, lchownSync, lstatSync, mkdirSync, statSync, unlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname, resolve as resolvePath } from 'node:path';
import { HttpError } from './error.ts';
import { drain, hardenedServer } from './hardened-server.ts';
import type { Application } from './hardened-server.ts';
import { DEFAULT_LISTEN_LIMITS, type ListenLimits } from './limits.ts';

/** A socket in the file system, or one that another process opened and handed on under a descriptor number. */
export type UnixAddress =
  | {
      readonly path: string;
      /** Of the socket: who may connect. */
      readonly mode: number;
      /** Whom the socket is given to; its maker's when absent. */
      readonly uid?: number;
    }
  | { readonly fd: number };

export interface ListeningUnix {
  /**
   * Accepts no more connections, removes the socket, lets requests in flight finish within the `drain` time, then
   * cuts what is left. May be called more than once.
   */
  close(): Promise<void>;
}

/** sockaddr_un has 108 octets for a path and its zero (unix(7)); a longer one would be cut, silently. */
const MAX_SOCKET_PATH_OCTETS = 107;
const FOLDER_MODE = 0o755;
/**
 * Connections that wait to be accepted. Where TCP tries again, a Unix socket with a full queue refuses at once
 * (connect(2), EAGAIN), and a whole job starts at one moment; net.core.somaxconn, 4096 by default, bounds it too.
 */
const BACKLOG = 4096;

/**
 * Listens for HTTP on a Unix socket. The folder is made when it is missing. A socket that nobody listens on any
 * more is replaced. Throws `ADDRESS_IN_USE` and `LISTEN_FAILED`.
 */
export async function listenUnix(
  app: Application,
  at: UnixAddress,
  overrides: Partial<ListenLimits> = {},
): Promise<ListeningUnix> {
  const limits = { ...DEFAULT_LISTEN_LIMITS, ...overrides };
  const server = hardenedServer(app, limits);
  if ('path' in at) {
    checkLength(at.path);
    prepareFolder(dirname(at.path));
    await removeStale(at.path);
  }
  await bind(server, at);
  let closing: Promise<void> | undefined;
  return { close: () => (closing ??= drain(server, limits.drain)) };
}

function checkLength(path: string): void {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_OCTETS) return;
  const message = `${path} is longer than the ${MAX_SOCKET_PATH_OCTETS} octets of a socket's path; name a shorter one`;
  throw new HttpError('LISTEN_FAILED', message);
}

/** The mode given to mkdir is cut by the umask; others have to reach the sockets that are for them. */
function openFolders(innermost: string, outermost: string): void {
  for (let at = innermost; at.length >= outermost.length; at = dirname(at)) chmodSync(at, FOLDER_MODE);
}

/** Whoever can write the folder could put a socket of their own there, and answer in this service's name. */
function prepareFolder(folder: string): void {
  let facts: Stats;
  try {
    const whole = resolvePath(folder);
    const made = mkdirSync(whole, { recursive: true, mode: FOLDER_MODE });
    if (made !== undefined) openFolders(whole, made);
    facts = statSync(folder);
  } catch (cause) {
    throw failure(folder, cause);
  }
  const own = facts.uid === 0 || facts.uid === process.geteuid?.();
  const sticky = (facts.mode & 0o1000) !== 0;
  if (own && ((facts.mode & 0o022) === 0 || sticky)) return;
  const message = `others can write the folder ${folder}, and replace a socket in it; choose another, or chmod go-w`;
  throw new HttpError('LISTEN_FAILED', message);
}

/** Only a socket is ever removed, and only when nobody answers it. */
async function removeStale(path: string): Promise<void> {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return;
  if (!facts.isSocket()) {
    throw new HttpError(
      'LISTEN_FAILED',
      `${path} is there and is not a socket; remove it or choose another path`,
    );
  }
  const own = process.geteuid?.() ?? facts.uid;
  // Whoever may give files away may still not connect to those of others (capabilities(7), CAP_DAC_OVERRIDE).
  if (facts.uid !== own) give(path, own);
  if (await answers(path)) {
    if (facts.uid !== own) give(path, facts.uid);
    const message = `another process listens on ${path}; stop it or choose another path`;
    throw new HttpError('ADDRESS_IN_USE', message);
  }
  try {
    unlinkSync(path);
  } catch (cause) {
    throw failure(path, cause);
  }
}

function give(path: string, uid: number): void {
  try {
    lchownSync(path, uid, -1);
  } catch (cause) {
    throw failure(path, cause);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ECONNREFUSED' || cause.code === 'ENOENT') resolve(false);
      // Its queue is full: somebody listens, and is busy.
      else if (cause.code === 'EAGAIN') resolve(true);
      else reject(failure(path, cause));
    });
  });
}

function bind(server: Server, at: UnixAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const place = 'path' in at ? at.path : `descriptor ${at.fd}`;
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') reject(failure(place, cause));
      else reject(new HttpError('ADDRESS_IN_USE', `another process listens on ${place}`, { cause }));
    });
    if (!('path' in at)) {
      server.listen({ fd: at.fd }, resolve);
      return;
    }
    // Node binds before `listen` returns. Until the mode is set only the owner can connect.
    const mask = process.umask(0o077);
    try {
      server.listen({ path: at.path, backlog: BACKLOG }, () => {
        try {
          // In this order: a service that may give files away need not be one that may change those of others.
          chmodSync(at.path, at.mode);
          if (at.uid !== undefined) lchownSync(at.path, at.uid, -1);
          resolve();
        } catch (cause) {
          server.close();
          reject(failure(at.path, cause));
        }
      });
    } finally {
      process.umask(mask);
    }
  });
}

function failure(place: string, cause: unknown): HttpError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
  return new HttpError('LISTEN_FAILED', `cannot listen on ${place}: ${String(code)}`, { cause });
}
