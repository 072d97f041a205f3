import { HkpClient } from '../../hkp/client.ts';
import { HkpClientError } from '../../hkp/client/error.ts';
import { CliError } from '../error.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import type { UrlArgument } from './options.ts';

/**
 * The addresses of keystores: those of --url, else those of the environment variable, separated by commas or
 * spaces. There is no other default: whom to trust with the question is for the user to say.
 */
export function keystoreUrls(url: UrlArgument): readonly string[] {
  if (url !== undefined) return typeof url === 'string' ? [url] : url;
  return (process.env['VOUCH_KEYSERVER'] ?? '').split(/[\s,]+/).filter((one) => one !== '');
}

/** Throws when there is none. */
export function keystores(url: UrlArgument): readonly HkpClient[] {
  const clients = keystoreUrls(url).map((one) => new HkpClient(one, { userAgent: `vouch/${version()}` }));
  if (clients.length > 0) return clients;
  throw new CliError('USAGE', 'which keystore? Give --url https://keys.example.org, or set VOUCH_KEYSERVER');
}

export interface FromKeystore<T> {
  readonly client: HkpClient;
  readonly value: T;
}

/**
 * Asks every keystore, since each may know what the others do not: a revocation. One that fails is warned of;
 * when all fail, the first failure is thrown.
 */
export async function askEach<T>(
  clients: readonly HkpClient[],
  ask: (client: HkpClient) => Promise<T>,
  terminal: Terminal,
): Promise<FromKeystore<T>[]> {
  const settled = await Promise.allSettled(clients.map(ask));
  const answered: FromKeystore<T>[] = [];
  const failures: unknown[] = [];
  for (const [i, one] of settled.entries()) {
    const client = clients[i];
    if (one.status === 'rejected') failures.push(one.reason);
    else if (client !== undefined) answered.push({ client, value: one.value });
  }
  const unexpected = failures.find((error) => !(error instanceof HkpClientError));
  if (unexpected !== undefined || (answered.length === 0 && failures.length > 0)) {
    throw unexpected ?? failures[0];
  }
  for (const error of failures) {
    terminal.err(`WARNING: ${printable(error instanceof Error ? error.message : String(error))}\n`);
  }
  return answered;
}
