import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../config/error.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { isSchedule } from '../service/schedule.ts';
import { schedulesOf } from './jobs.ts';
import type { ReloadReport } from './operation.ts';

/** The names of settings in the file, and whether they can change while the server runs. */
const SETTINGS: readonly (readonly [keyof ServerConfig, string, boolean])[] = [
  ['listen', 'listen', false],
  ['data', 'data', false],
  ['store', 'store', false],
  ['metricsListen', 'metrics_listen', false],
  ['publicUrl', 'public_url', true],
  ['libraryUrl', 'library_url', true],
  ['logLevel', 'log_level', true],
  ['thirdParty', 'third_party', true],
  ['blocked', 'blocked', true],
  ['limits', 'limits', true],
  ['rateLimits', 'rate_limits', true],
  ['access', 'access', true],
  ['tls', 'tls', true],
  ['backup', 'backup', true],
  ['jobs', 'jobs', true],
  ['weakKeys', 'weak_keys', true],
  ['mail', 'mail', true],
  ['peers', 'peer', false],
];

/** What is other in `next`. TLS can be renewed, but not begun or ended, while the server runs. */
export function settingsChange(current: ServerConfig, next: ServerConfig): ReloadReport {
  const other = SETTINGS.filter(([key]) => !isDeepStrictEqual(current[key], next[key]));
  const live = (key: keyof ServerConfig, can: boolean): boolean =>
    can && !(key === 'tls' && (current.tls === undefined) !== (next.tls === undefined));
  return {
    changed: other.filter(([key, , can]) => live(key, can)).map(([, name]) => name),
    needRestart: other.filter(([key, , can]) => !live(key, can)).map(([, name]) => name),
  };
}

/** `next`, with what only a restart changes as it is. */
export function keptSettings(current: ServerConfig, next: ServerConfig): ServerConfig {
  const { listen, data, store, metricsListen, peers } = current;
  const tls = current.tls === undefined || next.tls === undefined ? current.tls : next.tls;
  return { ...next, listen, data, store, metricsListen, peers, tls };
}

/** Throws `BAD_VALUE` for cron expressions that have the form and mean nothing, such as minute 99. */
export function checkSchedules(config: ServerConfig): void {
  for (const [job, schedule] of schedulesOf(config)) {
    if (isSchedule(schedule)) continue;
    throw new ConfigError('BAD_VALUE', `the schedule of ${job}, "${schedule}", is no cron expression`);
  }
}
