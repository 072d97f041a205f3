import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ServerConfig } from '../config/server-config.ts';
import { HttpError } from '../http/error.ts';
import { listenUnix } from '../http/listen-unix.ts';
import type { ListeningUnix } from '../http/listen-unix.ts';
import { postgresAddress } from '../keystore/postgres-address.ts';
import type { Log } from '../log.ts';
import { adminApp } from './admin-app.ts';
import type { Operate } from './admin-app.ts';
import { OPERATION_TIMEOUT } from './limits.ts';

const SOCKET_MODE = 0o600;

/** Where a running server takes what operators ask for. A data folder may be that of servers on several databases. */
export function adminSocketPath({ data, store }: Pick<ServerConfig, 'data' | 'store'>): string {
  if (store === undefined) return join(data, 'admin.sock');
  const { place } = postgresAddress(store);
  return join(data, `admin-${createHash('sha256').update(place).digest('hex').slice(0, 8)}.sock`);
}

/**
 * Listens for operators. A folder in which that is not possible (its path is too long for a socket, others can
 * write it) does not keep the keystore from serving: it is told to the log, and `undefined` is answered.
 */
export async function listenForOperators(
  config: ServerConfig,
  operate: Operate,
  log: Log,
): Promise<ListeningUnix | undefined> {
  const path = adminSocketPath(config);
  try {
    const limits = { idleTimeout: OPERATION_TIMEOUT };
    return await listenUnix(adminApp(operate, log), { path, mode: SOCKET_MODE }, limits);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    log.warn('operators are not listened to', { error: error.message });
    return undefined;
  }
}
