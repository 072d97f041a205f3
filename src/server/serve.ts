/* Puts the keystore together, serves it, and takes it apart in the reverse order. */
import { randomBytes } from 'node:crypto';
import { createTokens } from '../access/tokens.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { ReadyAnswers } from '../hkp/ready-answers.ts';
import { listen } from '../http/listen.ts';
import type { Listening } from '../http/listen.ts';
import type { Keystore } from '../keystore/keystore.ts';
import type { Log, LogLevel } from '../log.ts';
import { Closing } from '../service/closing.ts';
import type { Operate } from './admin-app.ts';
import { listenForOperators } from './admin-socket.ts';
import { configuredApp } from './configured-app.ts';
import type { ConfiguredAppParts } from './configured-app.ts';
import { JobBook } from './job-book.ts';
import type { Work } from './job-book.ts';
import { worksOf } from './jobs.ts';
import type { JobNeeds } from './jobs.ts';
import { JobLeases } from './job-leases.ts';
import { storeAddress } from './keystore-parts.ts';
import { LEASE_TIMES } from './limits.ts';
import { LiveSettings } from './live-settings.ts';
import { LimitTally } from './limit-tally.ts';
import type { ServerMetrics } from './metrics.ts';
import type { PeerNeeds } from './peer-works.ts';
import { openStore } from './open-store.ts';
import type { OpenStore } from './open-store.ts';
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
  readonly loadConfig?: () => ServerConfig | Promise<ServerConfig>;
  /** From what on lines are logged, when that changes. */
  readonly setLogLevel?: (level: LogLevel) => void;
}

export interface KeystoreServer {
  /** Where it listens: `http://127.0.0.1:11371`. */
  readonly url: string;
  /** Where metrics are told. */
  readonly metricsUrl: string | undefined;
  /** The folder or the database of the store. */
  readonly store: string;
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
  const store = await openStore(storeAddress(config), { now, create: true });
  closing.add('store', () => store.keystore.close());
  tellDamage(store, log);
  const { certificates } = await store.keystore.status();
  const appParts = await openParts(config, parts, store.keystore);
  const { tokens, tally, metrics } = appParts;

  const stopping = new AbortController();
  const needs = { store, config: () => live.config, log, now };
  const book = await openBook(needs, config.peers, { stopping: stopping.signal, version: parts.version });
  closing.add('jobs', () => book.settled());
  metrics?.watch(store, book);
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
  const metricsListening = await listenForMetrics(config, metrics);
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
      limitsHit: () => tally.hit(),
      reload: () => live.reload(),
    },
  };
  const admin = await listenForOperators(config, operateOn(operations), log);
  closing.add('admin socket', () => admin?.close());

  live.start();
  closing.add('peers', () => stopping.abort());
  const { url } = listening;
  log.info('listening', { url, store: store.place, certificates, version: parts.version });
  return {
    url,
    metricsUrl: metricsListening === undefined ? undefined : `${metricsListening.url}/metrics`,
    store: store.place,
    certificates,
    reload: () => live.reload(),
    stop: () => closing.close(),
  };
}

/** After a loss of power it may be the write that was under way, of which nobody was told that it is stored. */
function tellDamage({ dropped, place }: OpenStore, log: Log): void {
  const message = 'the newest writes to the store were damaged and are lost; compare it with a backup';
  if (dropped > 0) log.error(message, { place, octets: dropped });
}

/** What outlives settings. */
async function openParts(
  config: ServerConfig,
  parts: ServeParts,
  keystore: Keystore,
): Promise<ConfiguredAppParts> {
  const metrics = await openMetrics(config);
  return {
    ...parts,
    keystore,
    answers: new ReadyAnswers(keystore),
    tokens: createTokens(keystore, { now: parts.now, random: randomBytes }),
    tally: new LimitTally(steadyNow, metrics),
    metrics,
  };
}

/** What is needed for them is not loaded where there are none. Throws `BAD_URL`. */
async function openPeers(
  settings: ServerConfig['peers'],
  { store, ...needs }: Omit<JobNeeds, 'peers'>,
  about: Omit<PeerNeeds, 'settings'>,
): Promise<readonly Work[]> {
  if (settings.length === 0) return [];
  const { peerWorks } = await import('./peer-works.ts');
  return peerWorks({ settings, ...about }, { ...needs, keystore: store.keystore });
}

/** Loaded with the first operation. */
function operateOn(parts: OperationParts): Operate {
  return async (name, given) => (await import('./operations.ts')).operate(name, given, parts);
}

async function openBook(
  needs: Omit<JobNeeds, 'peers'>,
  settings: ServerConfig['peers'],
  about: Omit<PeerNeeds, 'settings'>,
): Promise<JobBook> {
  const { store, log, now } = needs;
  const { keystore } = store;
  const { stopping } = about;
  const leases = store.shared ? new JobLeases({ keystore, log, times: LEASE_TIMES, stopping }) : undefined;
  const peers = await openPeers(settings, needs, about);
  return new JobBook({ keystore, log, now, leases }, worksOf({ ...needs, peers }));
}

/** Nothing is counted that nobody can ask for, and the package for it is not loaded. */
async function openMetrics({ metricsListen }: ServerConfig): Promise<ServerMetrics | undefined> {
  if (metricsListen === undefined) return undefined;
  const { ServerMetrics: Metrics } = await import('./metrics.ts');
  return new Metrics(steadyNow);
}

async function listenForMetrics(
  { metricsListen }: ServerConfig,
  metrics: ServerMetrics | undefined,
): Promise<Listening | undefined> {
  return metricsListen && metrics && listen(metrics.app(), metricsListen);
}

/** Milliseconds that never go back. */
function steadyNow(): number {
  return performance.now();
}
