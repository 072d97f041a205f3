import { checkSettings } from './check-settings.ts';
import type { ServerConfig } from './server-config.ts';
import { serverSchema, TABLE_KEYS } from './server-schema.ts';
import type { ServerConfigSources } from './server-sources.ts';
import { VARIABLES } from './server-sources.ts';
import { readTomlFile } from './toml-file.ts';

/**
 * The settings of the keystore: flags before environment (`VOUCH_…`) before file before defaults. The file
 * is the one that `--config` or `VOUCH_CONFIG` names; without either none is read. Throws `ConfigError`.
 */
export function loadServerConfig({ flags, environment }: ServerConfigSources): ServerConfig {
  const variable = (name: string): string | undefined => environment[name] || undefined;
  const path = flags.config ?? variable('VOUCH_CONFIG');
  const settings: Record<string, unknown> = { ...(path === undefined ? {} : readTomlFile(path)) };
  const origins = new Map<string, string>();
  for (const [key, name] of VARIABLES) override(key, variable(name), name);
  for (const key of ['listen', 'data', 'store'] as const) override(key, flags[key], `--${key}`);
  return checkSettings(
    { schema: serverSchema, tables: TABLE_KEYS },
    settings,
    (key) => origins.get(key) ?? `${path ?? 'settings'}: ${key}`,
  );

  function override(key: string, value: string | undefined, origin: string): void {
    if (value === undefined) return;
    settings[key] = value;
    origins.set(key, origin);
  }
}
