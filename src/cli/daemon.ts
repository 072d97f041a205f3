import { loadDaemonConfig } from '../config/load-daemon-config.ts';
import { runDaemon } from '../daemon/run-daemon.ts';
import type { RunningDaemon } from '../daemon/run-daemon.ts';
import { exitOnFault } from '../service/fault.ts';
import { createLog } from '../service/log.ts';
import { stopSignal } from '../service/stop-signal.ts';
import { StandardError } from '../service/standard-error.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import type { Switch, TextFlag } from './options.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export const options: {
  readonly policy: TextFlag;
  readonly socket: TextFlag;
  readonly config: TextFlag;
  readonly 'allow-rollback': Switch;
  readonly 'trust-clock': Switch;
} = {
  policy: {
    type: 'string',
    requiresArg: true,
    describe: 'policy file, or folder of them [default: policy.toml beside the settings]',
  },
  socket: {
    type: 'string',
    requiresArg: true,
    describe: 'path of the admin socket; those of users are in the folder u beside it',
  },
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'settings file; config/daemon.toml has every setting [default: /etc/vouch/daemon.toml]',
  },
  'allow-rollback': {
    type: 'boolean',
    describe: 'take a policy with a lower serial than the last one',
  },
  'trust-clock': {
    type: 'boolean',
    describe: 'forget a time that was seen before: the clock was ahead then, and is right now',
  },
};

export const form = '[--policy FILE] [--socket PATH] [--config FILE] [--allow-rollback] [--trust-clock]';

export interface DaemonArguments {
  readonly policy: string | undefined;
  readonly socket: string | undefined;
  readonly config: string | undefined;
  readonly 'allow-rollback': boolean | undefined;
  readonly 'trust-clock': boolean | undefined;
}

/** Runs the trust daemon until it is told to stop. SIGHUP makes it read its policy and keys again. */
export async function run(args: DaemonArguments, terminal: Terminal): Promise<ExitCode> {
  // Whatever it was started with: databases make their files without asking for a mode.
  process.umask(0o077);
  const { policy, socket, config: file } = args;
  const uid = process.geteuid?.() ?? 0;
  const config = loadDaemonConfig({ flags: { policy, socket, config: file }, environment: process.env, uid });
  const log = createLog(config.logLevel, new StandardError());
  // Before anything is opened: a signal during a long start must not leave it half open.
  const stop = stopSignal(process, (exitCode) => process.exit(exitCode));
  let daemon: RunningDaemon | undefined;
  const reload = (): void => void daemon?.reload();
  process.on('SIGHUP', reload);
  daemon = await runDaemon(config, {
    log,
    now: Date.now,
    elapsed: () => performance.now(),
    version: version(),
    environment: process.env,
    pid: process.pid,
    uid,
    allowRollback: args['allow-rollback'] === true,
    trustClock: args['trust-clock'] === true,
  });
  exitOnFault(log);
  await terminal.out(greeting(daemon));
  const signal = await stop.received;
  log.info('stopping', { signal });
  await daemon.stop();
  process.off('SIGHUP', reload);
  stop.release();
  log.info('stopped');
  await log.close();
  return EXIT.done;
}

/** Scripts read the first line. */
function greeting(daemon: RunningDaemon): string {
  const lines = [
    `Vouch daemon: ${daemon.socket}`,
    ...(daemon.metricsUrl === undefined ? [] : [`Metrics: ${daemon.metricsUrl}`]),
    ...daemon.problems().map((problem) => `Not ready: ${printable(problem)}`),
  ];
  return `${lines.join('\n')}\n`;
}
