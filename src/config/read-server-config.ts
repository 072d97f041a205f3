import { plainServerConfig } from './plain-server-config.ts';
import type { ServerConfig } from './server-config.ts';
import type { ServerConfigSources } from './server-sources.ts';

/**
 * As `loadServerConfig`, which is loaded only where there is something to check: that takes longer than most commands.
 * Throws `ConfigError`.
 */
export async function readServerConfig(sources: ServerConfigSources): Promise<ServerConfig> {
  return plainServerConfig(sources) ?? (await import('./load-server-config.ts')).loadServerConfig(sources);
}
