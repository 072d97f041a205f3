import { readServerConfig } from '../config/read-server-config.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { exitOnFault } from '../service/fault.ts';
import { createLog } from '../service/log.ts';
import { serveKeystore } from '../server/serve.ts';
import type { KeystoreServer } from '../server/serve.ts';
import { serviceManager } from '../service/systemd.ts';
import { stopSignal } from '../service/stop-signal.ts';
import { StandardError } from '../service/standard-error.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { CONFIG, DATA, STORE } from './options.ts';
import type { TextFlag } from './options.ts';
import { greeting } from './greeting.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

type ServeOptions = Readonly<Record<'listen' | 'data' | 'store' | 'config', TextFlag>>;

export const options: ServeOptions = {
  listen: {
    type: 'string',
    requiresArg: true,
    describe: 'HOST:PORT to listen on; port 0 takes a free one [default: 127.0.0.1:11371]',
  },
  data: DATA,
  store: STORE,
  config: CONFIG,
};

export interface ServeArguments {
  readonly listen: string | undefined;
  readonly data: string | undefined;
  readonly store: string | undefined;
  readonly config: string | undefined;
}

/** Runs the keystore until it is told to stop. SIGHUP makes it read its settings and TLS files again. */
export async function run(
  { listen, data, store, config: file }: ServeArguments,
  terminal: Terminal,
): Promise<ExitCode> {
  // Whatever it was started with: databases make their files without asking for a mode.
  process.umask(0o077);
  const sources = { flags: { listen, data, store, config: file }, environment: process.env };
  const loadConfig = (): Promise<ServerConfig> => readServerConfig(sources);
  const config = await loadConfig();
  const log = createLog(config.logLevel, new StandardError());
  // Before the store is opened: a signal during a long recovery must not leave it half open.
  const stop = stopSignal(process, (exitCode) => process.exit(exitCode));
  let server: KeystoreServer | undefined;
  const manager = serviceManager(process.env, process.pid, log);
  // The log has the reason when the new settings cannot be used.
  const reload = (): void => void server?.reload().catch(() => undefined);
  process.on('SIGHUP', reload);
  server = await serveKeystore(config, {
    log,
    now: Date.now,
    version: version(),
    loadConfig,
    setLogLevel: (level) => log.setLevel(level),
  });
  exitOnFault(log);
  await terminal.out(greeting({ ...server, publicUrl: config.publicUrl }));
  await manager.notify('READY=1');
  const signal = await stop.received;
  log.info('stopping', { signal });
  await manager.notify('STOPPING=1');
  await server.stop();
  process.off('SIGHUP', reload);
  stop.release();
  log.info('stopped');
  await log.close();
  return EXIT.done;
}
