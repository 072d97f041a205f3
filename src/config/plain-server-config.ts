import { join } from 'node:path';
import { deepFreeze } from './deep-freeze.ts';
import { parseListenAddress } from './listen-address.ts';
import type { ServerConfig } from './server-config.ts';
import { BACKUP_FOLDER, DEFAULT_DATA, DEFAULT_LISTEN, SERVER_DEFAULTS } from './server-defaults.ts';
import { VARIABLES, type ServerConfigSources } from './server-sources.ts';

/**
 * The settings when there is no file and nothing is given but where to listen and where the data is: what
 * `loadServerConfig` would say, without what it loads to check files, which is a sixth of a server's start.
 * Undefined when more is given, or something that may be wrong.
 */
export function plainServerConfig({ flags, environment }: ServerConfigSources): ServerConfig | undefined {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const others = [...VARIABLES].filter(([key]) => key !== 'listen' && key !== 'data');
  if (others.some(([, name]) => given(name) !== undefined)) return undefined;
  if ((flags.config ?? given('VOUCH_CONFIG') ?? flags.store) !== undefined) return undefined;
  const listen = parseListenAddress(flags.listen ?? given('VOUCH_LISTEN') ?? DEFAULT_LISTEN);
  const data = flags.data ?? given('VOUCH_DATA') ?? DEFAULT_DATA;
  if (listen === undefined || data === '') return undefined;
  return deepFreeze({
    ...SERVER_DEFAULTS,
    listen,
    data,
    store: undefined,
    publicUrl: undefined,
    libraryUrl: undefined,
    metricsListen: undefined,
    tls: undefined,
    backup: { ...SERVER_DEFAULTS.backup, folder: join(data, BACKUP_FOLDER) },
    mail: undefined,
  });
}
