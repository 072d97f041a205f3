import { checkSettings } from './check-settings.ts';
import type { ServerConfig } from './server-config.ts';
import { serverSchema, TABLE_KEYS } from './server-schema.ts';
import { readTomlFile } from './toml-file.ts';

/** Settings that can be given on the command line; absent ones are taken from elsewhere. */
export interface ServerFlags {
  readonly config?: string | undefined;
  readonly listen?: string | undefined;
  readonly data?: string | undefined;
  readonly store?: string | undefined;
}

export interface ServerConfigSources {
  readonly flags: ServerFlags;
  /** `process.env`, or what stands for it. An empty variable counts as not set. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/*
 * Variables that are not listed are left alone, even if they begin with VOUCH_: Kubernetes sets
 * VOUCH_SERVICE_HOST, VOUCH_PORT and others of its own for a service that is called "vouch".
 */
const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['listen', 'VOUCH_LISTEN'],
  ['data', 'VOUCH_DATA'],
  ['store', 'VOUCH_STORE'],
  ['public_url', 'VOUCH_PUBLIC_URL'],
  ['log_level', 'VOUCH_LOG_LEVEL'],
  ['third_party', 'VOUCH_THIRD_PARTY'],
]);

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
