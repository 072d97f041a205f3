import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkSettings } from './check-settings.ts';
import type { DaemonConfig } from './daemon-config.ts';
import { DAEMON_TABLE_KEYS, daemonSchema } from './daemon-schema.ts';
import type { DaemonSettings } from './daemon-schema.ts';
import { readTomlFile } from './toml-file.ts';

/** Settings that can be given on the command line; absent ones are taken from elsewhere. */
export interface DaemonFlags {
  readonly config?: string | undefined;
  readonly policy?: string | undefined;
  readonly socket?: string | undefined;
}

export interface DaemonConfigSources {
  readonly flags: DaemonFlags;
  /** `process.env`, or what stands for it. An empty variable counts as not set. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Who the daemon runs as; whoever runs this process, when absent. */
  readonly uid?: number;
  /** What is read when no file is named and this one is there. */
  readonly systemFile?: string;
}

/** The file of a daemon that is installed for a host. */
export const SYSTEM_FILE = '/etc/vouch/daemon.toml';
const SYSTEM_POLICY = '/etc/vouch/policy.toml';
const SYSTEM_SOCKET = '/run/vouch/admin.sock';

/*
 * Not VOUCH_CONFIG: that names the settings of the keystore, which may run on the same host. Not VOUCH_SOCKET: it
 * tells clients whom to ask, which may be the socket of one user.
 */
const VARIABLES: ReadonlyMap<'policy' | 'log_level', string> = new Map([
  ['policy', 'VOUCH_POLICY'],
  ['log_level', 'VOUCH_LOG_LEVEL'],
]);

/**
 * The settings of the trust daemon: flags before environment (`VOUCH_…`) before file before defaults. The file is
 * the one that `--config` or `VOUCH_DAEMON_CONFIG` names, else /etc/vouch/daemon.toml if it is there. Relative paths
 * begin at the folder the daemon is started in. Throws `ConfigError`.
 */
export function loadDaemonConfig(sources: DaemonConfigSources): DaemonConfig {
  const { flags, environment, uid = process.geteuid?.() ?? 0 } = sources;
  const variable = (name: string): string | undefined => environment[name] || undefined;
  const file = flags.config ?? variable('VOUCH_DAEMON_CONFIG') ?? present(sources.systemFile ?? SYSTEM_FILE);
  const settings: Record<string, unknown> = { ...(file === undefined ? {} : readTomlFile(file)) };
  const origins = new Map<string, string>();
  for (const [key, name] of VARIABLES) override(key, variable(name), name);
  for (const key of ['policy', 'socket'] as const) override(key, flags[key], `--${key}`);
  const place = file ?? 'settings (name a file with --config)';
  const form = { schema: daemonSchema, tables: DAEMON_TABLE_KEYS };
  const given = checkSettings(form, settings, (key) => origins.get(key) ?? `${place}: ${key}`);
  return Object.freeze(located(given, { file, uid, runtime: variable('XDG_RUNTIME_DIR') }));

  function override(key: string, value: string | undefined, origin: string): void {
    if (value === undefined) return;
    settings[key] = value;
    origins.set(key, origin);
  }
}

interface Place {
  readonly file: string | undefined;
  readonly uid: number;
  /** `XDG_RUNTIME_DIR`. */
  readonly runtime: string | undefined;
}

/** The same settings with every path absolute and the missing ones filled in. */
function located(given: DaemonSettings, { file, uid, runtime }: Place): DaemonConfig {
  const state = resolve(given.state);
  const { store } = given.promote;
  return {
    ...given,
    file: file === undefined ? undefined : resolve(file),
    state,
    keys: Object.freeze(given.keys.map((path) => resolve(path))),
    policy: resolve(given.policy ?? policyBeside(file)),
    socket: resolve(given.socket ?? defaultSocket(uid, runtime, state)),
    log: Object.freeze({ ...given.log, folder: resolve(given.log.folder ?? join(state, 'log')) }),
    sweep: Object.freeze({
      ...given.sweep,
      folders: Object.freeze(given.sweep.folders.map((path) => resolve(path))),
    }),
    promote: Object.freeze({ store: store === undefined ? undefined : resolve(store) }),
  };
}

function policyBeside(file: string | undefined): string {
  if (file === undefined) return SYSTEM_POLICY;
  const beside = join(dirname(resolve(file)), 'policy.toml');
  return present(beside) ?? present(SYSTEM_POLICY) ?? beside;
}

function defaultSocket(uid: number, runtime: string | undefined, state: string): string {
  if (uid === 0) return SYSTEM_SOCKET;
  return runtime === undefined ? join(state, 'run/admin.sock') : join(runtime, 'vouch/admin.sock');
}

function present(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}
