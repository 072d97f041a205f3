/*
 * What a service manager is told and what it hands on. Its protocol is datagrams, which Node does not speak:
 * `systemd-notify` says them. It waits until the manager has read its message (systemd 246 and later), so that the
 * manager can still see which unit it came from; the unit needs `NotifyAccess=all`.
 */
import { spawn } from 'node:child_process';
import type { Log } from '../log.ts';

export interface Environment {
  readonly [name: string]: string | undefined;
}

export interface ServiceManager {
  /** Tells assignments such as `READY=1` and `STATUS=…`. Never throws: a message that is lost is in the log. */
  notify(...assignments: readonly string[]): Promise<void>;
  /** Milliseconds within which it wants to hear of the service again and again; undefined: it does not. */
  readonly watchdog: number | undefined;
}

/** Milliseconds for a message; the manager answers within a few. */
const PATIENCE = 10_000;

/** The service manager that started this process `pid`; without one, messages go nowhere. */
export function serviceManager(environment: Environment, pid: number, log: Log): ServiceManager {
  const socket = environment['NOTIFY_SOCKET'];
  if (!socket) return { notify: () => Promise.resolve(), watchdog: undefined };
  let last = Promise.resolve();
  return {
    // One after another: READY must not overtake STOPPING.
    notify: (...assignments) => (last = last.then(() => tell(assignments, environment, log))),
    watchdog: watchdogOf(environment, pid),
  };
}

/** sd_watchdog_enabled(3): microseconds, for this process only when one is named. */
function watchdogOf(environment: Environment, pid: number): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC']);
  const meant = environment['WATCHDOG_PID'];
  if (!(microseconds > 0) || (meant !== undefined && meant !== String(pid))) return undefined;
  return microseconds / 1000;
}

function tell(assignments: readonly string[], environment: Environment, log: Log): Promise<void> {
  return new Promise((resolve) => {
    const lines = assignments.map((text) => text.replace(/[\r\n]+/g, ' '));
    const child = spawn('systemd-notify', lines, {
      stdio: 'ignore',
      timeout: PATIENCE,
      env: { PATH: environment['PATH'], NOTIFY_SOCKET: environment['NOTIFY_SOCKET'] },
    });
    const lost = (error: string): void => {
      log.warn('the service manager could not be told', { message: lines[0], error });
      resolve();
    };
    child.once('error', (error) => lost(error.message));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else lost(`systemd-notify ended with ${signal ?? code ?? 'nothing'}`);
    });
  });
}

/** The first descriptor of sockets that are handed on (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3;

/** Descriptors of sockets that were opened for this process `pid`. */
export function inheritedSockets(environment: Environment, pid: number): readonly number[] {
  if (environment['LISTEN_PID'] !== String(pid)) return [];
  const count = Number(environment['LISTEN_FDS']);
  if (!Number.isSafeInteger(count) || count < 1 || count > 64) return [];
  return Array.from({ length: count }, (_, index) => FIRST_DESCRIPTOR + index);
}

/**
 * Tells the manager at half its interval that the service lives, as long as `alive` says so in time; the manager
 * ends a service that it does not hear of. Returns what stops it.
 */
export function keepWatchdog(manager: ServiceManager, alive: () => Promise<boolean>): () => void {
  if (manager.watchdog === undefined) return () => undefined;
  let asking = false;
  const timer = setInterval(() => {
    // An answer that never comes must not become a heap of questions.
    if (asking) return;
    asking = true;
    void alive()
      .catch(() => false)
      .then((lives) => (lives ? manager.notify('WATCHDOG=1') : undefined))
      .finally(() => {
        asking = false;
      });
  }, manager.watchdog / 2);
  timer.unref();
  return () => clearInterval(timer);
}
