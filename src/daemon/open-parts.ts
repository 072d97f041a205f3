/* Opens what the daemon is made of, from the ground up. */
import { chmodSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Admission } from '../admission/admission.ts';
import { FirstSeen } from '../admission/first-seen.ts';
import type { FirstSeenRecord } from '../admission/first-seen.ts';
import { createImageReader } from '../admission/image/looking.ts';
import type { ImageReader } from '../admission/image/image-reader.ts';
import { ClockGuard } from '../admission/keys/clock.ts';
import type { OnEvent } from '../admission/keys/key-ledger.ts';
import { openKeyBook } from '../admission/keys/open-key-book.ts';
import type { LocalSources, ManagedKeyBook } from '../admission/keys/managed-key-book.ts';
import { openDecisionLog } from '../admission/log/decision-log.ts';
import { lastLines } from '../admission/log/last-lines.ts';
import type { LogEvent } from '../admission/log/record.ts';
import { MAX_RECENT, RecentDecisions } from '../admission/recent-decisions.ts';
import { signatureFacts } from '../admission/signature-facts.ts';
import { openStateDb } from '../admission/state-db.ts';
import { openUses } from '../admission/uses.ts';
import type { Uses } from '../admission/uses.ts';
import type { StateDb } from '../admission/table.ts';
import type { DaemonConfig } from '../config/daemon-config.ts';
import { HkpClient } from '../hkp/client.ts';
import type { Log } from '../log.ts';
import type { Closing } from '../service/closing.ts';
import { decisionId } from './decision-id.ts';
import { eventWriter, WatchedLog } from './event-log.ts';

export interface OpenOptions {
  readonly config: DaemonConfig;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from some point, never backwards. */
  readonly elapsed: () => number;
  /** Of this program, without a `v`. */
  readonly version: string;
  /** Whom this process runs as. */
  readonly uid: number;
  /** What is opened is closed by it. */
  readonly closing: Closing;
  /** The time that was seen before is forgotten. */
  readonly trustClock?: boolean;
  /** A line could not be written to the decision log. */
  readonly onLogFailure: () => void;
}

export type EventFields = Readonly<Record<string, unknown>>;

export interface Parts {
  readonly db: StateDb;
  readonly decisions: WatchedLog;
  readonly images: ImageReader;
  readonly keys: ManagedKeyBook;
  readonly admission: Admission;
  /** What was decided last. */
  readonly recent: RecentDecisions;
  readonly event: (event: LogEvent, fields: EventFields) => Promise<void>;
  readonly clock: ClockGuard;
  /** What this host let run. */
  readonly uses: Uses;
  /** Real path of the store of promoted images; undefined: there is none. */
  readonly store: string | undefined;
}

/** Throws what its parts throw: `LOCKED`, `STATE_UNUSABLE`, `KEYS_UNREADABLE`, … */
export async function openParts(options: OpenOptions): Promise<Parts> {
  const { closing, config, elapsed, log, now, trustClock: trust = false } = options;
  mkdirSync(config.state, { recursive: true, mode: 0o700 });
  const db = await openStateDb(join(config.state, 'db'));
  closing.add('state', () => db.close());
  const decisions = await openLog(options);
  closing.add('decision log', () => decisions.close());
  const event = eventWriter(decisions, log, now);
  if (db.dropped > 0) await event('state_damaged', { lost_octets: db.dropped });
  const store = config.promote.store === undefined ? undefined : storeAt(config.promote.store);
  const onEvent = (name: LogEvent, fields: EventFields): void => void event(name, fields);
  const clock = await ClockGuard.open({
    db,
    wall: now,
    elapsed,
    skew: config.clockSkew,
    onEvent,
    log,
    trust,
  });
  closing.add('clock', () => clock.save());
  const time = (): number => clock.read().now;
  const images = await openImages(options, db, store);
  closing.add('images', () => images.close());
  const keys = await openKeys(options, { db, time, onEvent });
  closing.add('keys', () => keys.close());
  const recent = await decidedBefore(config.log.folder);
  const admission = new Admission({
    images,
    keys,
    signatures: (evidence, at) => signatureFacts(evidence, keys, at),
    firstSeen: new FirstSeen(db.table<FirstSeenRecord>('first-seen')),
    recent,
    log: decisions,
    clock: { now: time, elapsed, suspect: () => clock.read().suspect },
    newId: () => decisionId(now()),
  });
  const uses = await openUses(db, config.log.folder);
  return { db, decisions, images, keys, admission, recent, event, clock, uses, store };
}

/** What was decided before this start is looked at again, too, when keys or policy change. */
async function decidedBefore(folder: string): Promise<RecentDecisions> {
  const recent = new RecentDecisions();
  const lines = await lastLines(folder, MAX_RECENT, ({ kind }) => kind === 'decision');
  for (const line of lines) if (line.kind === 'decision') recent.note(line);
  return recent;
}

async function openLog({ config, log, now, onLogFailure }: OpenOptions): Promise<WatchedLog> {
  const { folder, sync, rotateOctets, keep, checkpointInterval } = config.log;
  const inner = await openDecisionLog(folder, {
    now,
    origin: hostname(),
    sync,
    rotateOctets,
    keep,
    checkpointEvery: checkpointInterval,
    onProblem: (error) => {
      log.error('decision log', { code: error.code, error: error.message });
      onLogFailure();
    },
  });
  return new WatchedLog(inner, onLogFailure);
}

function openImages(
  { config, now }: OpenOptions,
  db: StateDb,
  store: string | undefined,
): Promise<ImageReader> {
  const { imageOctets, workers, queue, queuePerCaller } = config.limits;
  return createImageReader({
    db,
    now,
    maxOctets: imageOctets,
    workers,
    queue,
    queuePerCaller,
    rereadRate: config.sweep.rehashRate,
    ...(store !== undefined && { store }),
  });
}

interface KeyNeeds {
  readonly db: StateDb;
  /** Milliseconds since 1970, never backwards. */
  readonly time: () => number;
  readonly onEvent: OnEvent;
}

function openKeys(
  { config, log, uid, version }: OpenOptions,
  { db, time, onEvent }: KeyNeeds,
): Promise<ManagedKeyBook> {
  return openKeyBook({
    db,
    now: time,
    random: Math.random,
    sources: sourcesOf(config.keys),
    keystores: config.keystores.map((url) => new HkpClient(url, { userAgent: `vouch/${version}` })),
    intervals: { key: config.refresh.keyInterval },
    user: uid,
    onEvent,
    log,
  });
}

/** A file is a keyring; everything else is to be a folder, and is told when it is none. */
function sourcesOf(paths: readonly string[]): LocalSources {
  const rings = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  return { rings, folders: paths.filter((path) => !rings.includes(path)) };
}

const STORE_MODE = 0o755;

/** Everybody may run what is in the store, and only this process may change it. */
function storeAt(path: string): string {
  const made = mkdirSync(path, { recursive: true, mode: STORE_MODE });
  // The mode given to mkdir is cut by the umask.
  if (made !== undefined) chmodSync(path, STORE_MODE);
  return realpathSync(path);
}
