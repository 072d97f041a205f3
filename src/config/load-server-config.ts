import type { z } from 'zod';
import { ConfigError } from './error.ts';
import { nearest } from './nearest.ts';
import type { ServerConfig } from './server-config.ts';
import { serverSchema, TABLE_KEYS } from './server-schema.ts';
import { readTomlFile } from './toml-file.ts';
import type { TomlTable } from './toml-file.ts';

/** Settings that can be given on the command line; absent ones are taken from elsewhere. */
export interface ServerFlags {
  readonly config?: string | undefined;
  readonly listen?: string | undefined;
  readonly data?: string | undefined;
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
  for (const key of ['listen', 'data'] as const) override(key, flags[key], `--${key}`);
  return checkServerSettings(settings, (key) => origins.get(key) ?? `${path ?? 'settings'}: ${key}`);

  function override(key: string, value: string | undefined, origin: string): void {
    if (value === undefined) return;
    settings[key] = value;
    origins.set(key, origin);
  }
}

/**
 * Checks settings under the names of the file. `nameOf` says, for messages, where the setting of a path
 * such as `limits.subkeys` was given. Throws `UNKNOWN_KEY` or `BAD_VALUE`, naming every fault.
 */
function checkServerSettings(settings: TomlTable, nameOf: (path: string) => string): ServerConfig {
  const result = serverSchema.safeParse(settings);
  if (result.success) return deepFreeze(result.data);
  const { issues } = result.error;
  const code = issues.some((issue) => issue.code === 'unrecognized_keys') ? 'UNKNOWN_KEY' : 'BAD_VALUE';
  throw new ConfigError(code, issues.flatMap((issue) => describe(issue, nameOf)).join('; '));
}

function describe(issue: z.core.$ZodIssue, nameOf: (path: string) => string): string[] {
  const path = issue.path.reduce<string>(
    (before, part) => (typeof part === 'number' ? `${before}[${part}]` : join(before, String(part))),
    '',
  );
  if (issue.code !== 'unrecognized_keys') return [`${nameOf(path)} ${issue.message}`];
  const known = TABLE_KEYS.get(path) ?? [];
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const advice = meant === undefined ? `known here are ${known.join(', ')}` : `did you mean "${meant}"?`;
    return `${nameOf(join(path, key))} is not a setting; ${advice}`;
  });
}

function join(table: string, key: string): string {
  return table === '' ? key : `${table}.${key}`;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
