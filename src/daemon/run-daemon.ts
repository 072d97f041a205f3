import { ConfigError } from '../config/error.ts';
import type { DaemonConfig } from '../config/daemon-config.ts';
import { listen } from '../http/listen.ts';
import type { Log } from '../log.ts';
import { Closing } from '../service/closing.ts';
import { answersWithin } from '../service/pulse.ts';
import { isSchedule } from '../service/schedule.ts';
import type { Schedule } from '../service/schedule.ts';
import { inheritedSockets, keepWatchdog, serviceManager } from '../service/systemd.ts';
import type { Environment, ServiceManager } from '../service/systemd.ts';
import { watchFolders } from '../service/watch-folders.ts';
import { metricsApp } from './app.ts';
import { assemble } from './assemble.ts';
import type { Assembly } from './assemble.ts';
import type { PolicyKeeper, ReloadOptions } from './policy-keeper.ts';

export interface RunOptions {
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from some point, never backwards. */
  readonly elapsed: () => number;
  /** Of this program, without a `v`. */
  readonly version: string;
  /** For what the service manager says. */
  readonly environment: Environment;
  readonly pid: number;
  /** Whom this process runs as. */
  readonly uid: number;
  /** A policy with a lower serial than the last one is taken at the start. */
  readonly allowRollback?: boolean;
  /** The clock is right, whatever time was seen before. */
  readonly trustClock?: boolean;
}

export interface RunningDaemon {
  /** Path of the admin socket. */
  readonly socket: string;
  /** Where metrics are told on TCP; undefined: not configured. */
  readonly metricsUrl: string | undefined;
  /** What keeps it from deciding, one sentence each. */
  problems(): readonly string[];
  /** Reads policy and keys again. Never rejects: what goes wrong is in the log, and the policy in force stays. */
  reload(): Promise<void>;
  /** Lets questions under way be answered, then closes everything in reverse order. May be called more than once. */
  stop(): Promise<void>;
}

/** Milliseconds that the start waits for keystores; after that they are asked while questions are answered. */
const FIRST_REFRESH = 5000;

/**
 * Starts the trust daemon. Without a usable policy it starts and refuses everything; without its state, keys or
 * sockets it does not: throws `ConfigError`, `AdmissionError` and `HttpError`, and nothing is left open.
 */
export async function runDaemon(config: DaemonConfig, options: RunOptions): Promise<RunningDaemon> {
  checkSchedules(config);
  const closing = new Closing(options.log);
  try {
    return await start(config, options, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function start(config: DaemonConfig, options: RunOptions, closing: Closing): Promise<RunningDaemon> {
  const { allowRollback = false, environment, log, pid, version } = options;
  const manager = serviceManager(environment, pid, log);
  const [inherited] = inheritedSockets(environment, pid);
  const assembly = await assemble({ ...options, config, closing, inherited });
  const { doors, parts, policies, schedule, service, threads } = assembly;
  await loadPolicy(policies, { allowRollback });
  await answersWithin(() => schedule.run('refresh'), FIRST_REFRESH);
  closing.add('schedule', () => schedule.stop());
  closing.add('sockets', () => doors.close());
  await threads.answer();
  await doors.open();
  const metricsUrl = await listenForMetrics(config, assembly, closing);
  await parts.event('started', { version, pid, policy: policies.status?.sha256 ?? null });
  schedule.start();
  const hint = (): void => void schedule.run('local-keys').catch(() => undefined);
  closing.add('watching', watchFolders(config.keys, hint, log));
  closing.add(
    'watchdog',
    keepWatchdog(manager, () => isAlive(assembly)),
  );
  const problems = (): readonly string[] => service.observer.problems();
  await manager.notify('READY=1', statusLine(problems()));
  log.info('listening', { socket: config.socket, version });
  return {
    socket: config.socket,
    metricsUrl,
    problems,
    reload: async () => {
      await loadPolicy(policies, {});
      await rerun(schedule, ['local-keys', 'refresh', 'reevaluate']);
      await manager.notify(statusLine(problems()));
    },
    stop: () => stop(assembly, manager, closing),
  };
}

/** A policy that cannot be used is an event; the service goes on with the one it has, or refuses everything. */
async function loadPolicy(policies: PolicyKeeper, options: ReloadOptions): Promise<void> {
  await policies.reload(options).catch(() => undefined);
}

/** Jobs one after another; what fails is in their status, and by schedule they come again. */
async function rerun(schedule: Schedule, names: readonly string[]): Promise<void> {
  for (const name of names) await schedule.run(name).catch(() => undefined);
}

async function listenForMetrics(
  { metricsListen }: DaemonConfig,
  { service }: Assembly,
  closing: Closing,
): Promise<string | undefined> {
  if (metricsListen === undefined) return undefined;
  const listening = await listen(metricsApp(service), metricsListen);
  closing.add('metrics', () => listening.close());
  return `${listening.url}/metrics`;
}

/** Milliseconds in which a service that lives looks something up. */
const PULSE = 5000;

/** Whether questions can be answered: the loop turns, threads read, and what answers depend on can be read. */
async function isAlive({ parts, threads }: Assembly): Promise<boolean> {
  const reads = answersWithin(() => parts.images.evidence('0'.repeat(64)), PULSE);
  return (await threads.answer()) && (await reads);
}

async function stop(
  { doors, parts, schedule, stopping }: Assembly,
  manager: ServiceManager,
  closing: Closing,
): Promise<void> {
  await manager.notify('STOPPING=1');
  stopping.abort();
  await doors.close();
  // What jobs read is not read to its end.
  await parts.images.close();
  await schedule.stop();
  await parts.event('stopped', {});
  await closing.close();
}

function statusLine(problems: readonly string[]): string {
  return `STATUS=${problems[0] ?? 'ready'}`;
}

/** What a cron expression means is known to the room that runs it. Throws `BAD_VALUE`. */
function checkSchedules({ file, refresh, sweep }: DaemonConfig): void {
  for (const [key, { schedule }] of Object.entries({ refresh, sweep })) {
    if (isSchedule(schedule)) continue;
    const message = `${file ?? 'settings'}: ${key}.schedule is not a cron expression: "${schedule}"`;
    throw new ConfigError('BAD_VALUE', message);
  }
}
