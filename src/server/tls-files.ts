import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from '../config/server-config.ts';
import type { TlsMaterial } from '../http/hardened-server.ts';
import { ServerError } from './error.ts';

export interface LoadedTls extends TlsMaterial {
  /** Changes when either file does. */
  readonly digest: string;
}

/** Reads certificate and key, and sees that they fit together. Throws `BAD_FILE`; the message names the files. */
export async function loadTls({ certificate, key }: TlsFiles): Promise<LoadedTls> {
  const [certOctets, keyOctets] = await Promise.all([read(certificate), read(key)]);
  try {
    createSecureContext({ cert: certOctets, key: keyOctets });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServerError('BAD_FILE', `${certificate} and ${key} cannot be used for TLS: ${reason}`, {
      cause,
    });
  }
  const digest = createHash('sha256').update(certOctets).update(keyOctets).digest('hex');
  return { cert: certOctets, key: keyOctets, digest };
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServerError('BAD_FILE', `cannot read ${path}: ${reason}`, { cause });
  }
}
