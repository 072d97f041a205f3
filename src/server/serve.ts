/* Puts the keystore together, serves it, and takes it apart in the reverse order. */
import { randomBytes } from 'node:crypto';
import { createTokens } from '../access/tokens.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { Application } from '../http/hardened-server.ts';
import { listen } from '../http/listen.ts';
import type { Listening } from '../http/listen.ts';
import type { Log, LogLevel } from '../log.ts';
import { Closing } from '../service/closing.ts';
import { listenForOperators } from './admin-socket.ts';
import { configuredApp } from './configured-app.ts';
import type { ConfiguredAppParts } from './configured-app.ts';
import { JobBook } from './job-book.ts';
import { worksOf } from './jobs.ts';
import type { JobNeeds } from './jobs.ts';
import { keystoreFolder } from './keystore-parts.ts';
import { LiveSettings } from './live-settings.ts';
import { ServerMetrics } from './metrics.ts';
import { openStore } from './open-store.ts';
import type { OpenStore } from './open-store.ts';
import { operate } from './operations.ts';
import type { OperationParts, ReloadReport } from './operation.ts';
import { checkSchedules } from './settings-change.ts';
import { TlsKeeper } from './tls-keeper.ts';

export interface ServeParts {
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Of this program, without a `v`. */
  readonly version: string;
  /** Reads the settings again; without it they cannot be reloaded. Throws `ConfigError`. */
  readonly loadConfig?: () => ServerConfig;
  /** From what on lines are logged, when that changes. */
  readonly setLogLevel?: (level: LogLevel) => void;
}

export interface KeystoreServer {
  /** Where it listens: `http://127.0.0.1:11371`. */
  readonly url: string;
  /** Where metrics are told. */
  readonly metricsUrl: string | undefined;
  /** The folder of the store. */
  readonly folder: string;
  /** Certificates held when it started. */
  readonly certificates: number;
  /** Takes settings that changed. What cannot be used is told to the log, and the old ones stay; then it throws. */
  reload(): Promise<ReloadReport>;
  /** Stops accepting, finishes requests and jobs in flight, closes the store. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Opens the store and serves it. Throws `KeystoreError` when the store cannot be opened, `HttpError` when an
 * address cannot be listened on, `ServerError` for TLS files, `ConfigError` for schedules; nothing is left open then.
 */
export async function serveKeystore(config: ServerConfig, parts: ServeParts): Promise<KeystoreServer> {
  const closing = new Closing(parts.log);
  try {
    return await start(config, parts, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function start(config: ServerConfig, parts: ServeParts, closing: Closing): Promise<KeystoreServer> {
  const { log, now } = parts;
  checkSchedules(config);
  const tls = config.tls === undefined ? undefined : await TlsKeeper.open(config.tls, log);
  const store = await openStore(keystoreFolder(config), { now, create: true });
  closing.add('store', () => store.keystore.close());
  tellDamage(store, log);
  const { certificates } = await store.keystore.status();
  const metrics = new ServerMetrics(() => performance.now());
  const tokens = createTokens(store.keystore, { now, random: randomBytes });
  const appParts: ConfiguredAppParts = { ...parts, keystore: store.keystore, tokens, metrics };
  const stopping = new AbortController();
  const peers = { settings: config.peers, stopping: stopping.signal, version: parts.version };
  const book = await openBook({ store, config: () => live.config, log, now, peers });
  closing.add('jobs', () => book.settled());
  metrics.watch(store, book);
  const live = new LiveSettings(config, {
    ...parts,
    book,
    tls,
    appOf: (next) => configuredApp(next, appParts),
  });
  closing.add('schedule', () => live.stop());

  const listening = await listen(live, config.listen, {}, tls?.material);
  closing.add('listener', () => listening.close());
  tls?.watch((material) => listening.renewTls(material));
  closing.add('tls', () => tls?.close());
  const metricsListening = await listenForMetrics(config, metrics.app());
  closing.add('metrics', () => metricsListening?.close());

  const operations: OperationParts = {
    store,
    config: () => live.config,
    tokens,
    book,
    now,
    running: {
      url: listening.url,
      started: now(),
      limitsHit: () => metrics.limitsHit(),
      reload: () => live.reload(),
    },
  };
  const admin = await listenForOperators(config, (name, given) => operate(name, given, operations), log);
  closing.add('admin socket', () => admin?.close());

  live.start();
  closing.add('peers', () => stopping.abort());
  const { url } = listening;
  log.info('listening', { url, folder: store.folder, certificates, version: parts.version });
  return {
    url,
    metricsUrl: metricsListening === undefined ? undefined : `${metricsListening.url}/metrics`,
    folder: store.folder,
    certificates,
    reload: () => live.reload(),
    stop: () => closing.close(),
  };
}

/** After a loss of power it may be the write that was under way, of which nobody was told that it is stored. */
function tellDamage({ dropped, folder }: OpenStore, log: Log): void {
  const message = 'the newest writes to the store were damaged and are lost; compare it with a backup';
  if (dropped > 0) log.error(message, { folder, octets: dropped });
}

function openBook(needs: JobNeeds): Promise<JobBook> {
  const { store, log, now } = needs;
  return JobBook.open({ keystore: store.keystore, log, now }, worksOf(needs));
}

async function listenForMetrics(
  { metricsListen }: ServerConfig,
  app: Application,
): Promise<Listening | undefined> {
  return metricsListen === undefined ? undefined : listen(app, metricsListen);
}
