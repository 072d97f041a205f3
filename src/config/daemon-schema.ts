/*
 * The keys of `daemon.toml`: their types, bounds and defaults. Each field carries one sentence that says what is
 * allowed; `check-settings.ts` puts the name of the key before it. What depends on the user and the place of the
 * file is left undefined here, and filled in by `load-daemon-config.ts`.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { DaemonConfig } from './daemon-config.ts';
import { addressOf, choice, duration, integer, listOf, logLevel, table, text } from './schema-parts.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The largest user ID that is one: 4294967295 means "no user" (setreuid(2)). */
const MAX_UID = 4_294_967_294;

const FOLDER = 'must be the path of a folder';
const folder = text(FOLDER);

const KEYS_FORM = 'must be the path of a folder of keys, or a list of such paths';
const keys = z.union([text(KEYS_FORM), z.array(text(KEYS_FORM), { error: KEYS_FORM })], { error: KEYS_FORM });

const KEYSTORE_FORM = 'must be the address of a key server, such as "https://keys.example.org"';
const keystore = z.string({ error: KEYSTORE_FORM }).refine(isKeystore, { error: KEYSTORE_FORM });

function isKeystore(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return (
    url !== undefined && /^(?:https?|hkps?):$/.test(url.protocol) && url.host !== '' && url.username === ''
  );
}

const METRICS_FORM = 'must be HOST:PORT of this host only, such as "127.0.0.1:9464" or "[::1]:9464"';
const metricsListen = addressOf(
  ({ host }) => (isIP(host) === 4 && host.startsWith('127.')) || host === '::1',
  METRICS_FORM,
);

const CRON_FORM = 'must be a cron expression of five or six fields, such as "*/5 * * * *"';
const cron = z.string({ error: CRON_FORM }).refine((value) => /^\S+(?: +\S+){4,5}$/.test(value), {
  error: CRON_FORM,
});

const log = table({
  folder: folder.optional(),
  sync: choice(['batched', 'each']).default('batched'),
  rotate_bytes: integer(MIB / 16, TIB).default(256 * MIB),
  checkpoint_minutes: integer(1, 24 * 60).default(60),
  keep: integer(0, 100_000).default(0),
});

const limits = table({
  max_image_bytes: integer(MIB, 64 * TIB).default(128 * GIB),
  workers: integer(1, 64).default(2),
  queue: integer(1, 100_000).default(256),
  queue_per_caller: integer(1, 100_000).default(64),
  max_wait: duration('1s', '10m').prefault('10m'),
});

const refresh = table({
  schedule: cron.default('*/5 * * * *'),
  key_interval: duration('1m', '30d').prefault('6h'),
});

const sweep = table({
  folders: listOf(folder, 'must be a list of folders').default([]),
  schedule: cron.default('17 * * * *'),
  rehash_days: integer(0, 3650).default(30),
  bytes_per_second: integer(MIB, TIB).default(50_000_000),
});

const promote = table({ store: folder.optional() });

const settings = table({
  state: folder,
  keys,
  keystores: listOf(keystore, 'must be a list of addresses of key servers; it may be empty: []'),
  policy: text('must be the path of a policy').optional(),
  socket: text('must be the path of a socket').optional(),
  callers: listOf(integer(0, MAX_UID), 'must be a list of user IDs, such as [1000]').default([]),
  public_socket: z.boolean({ error: 'must be true or false' }).default(false),
  metrics_listen: metricsListen.optional(),
  log_level: logLevel.default('info'),
  log: log.prefault({}),
  limits: limits.prefault({}),
  refresh: refresh.prefault({}),
  sweep: sweep.prefault({}),
  promote: promote.prefault({}),
  clock_skew: duration('0s', '1h').prefault('5m'),
});

/** The keys each table of the file may have; `''` is the file itself. For messages. */
export const DAEMON_TABLE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(settings.shape)],
  ['log', Object.keys(log.shape)],
  ['limits', Object.keys(limits.shape)],
  ['refresh', Object.keys(refresh.shape)],
  ['sweep', Object.keys(sweep.shape)],
  ['promote', Object.keys(promote.shape)],
]);

/** The settings as the file has them; absent paths have no default that is the same everywhere. */
export interface DaemonSettings extends Omit<DaemonConfig, 'file' | 'policy' | 'socket' | 'log'> {
  readonly policy: string | undefined;
  readonly socket: string | undefined;
  readonly log: Omit<DaemonConfig['log'], 'folder'> & { readonly folder: string | undefined };
}

export const daemonSchema: z.ZodType<DaemonSettings> = settings.transform((given): DaemonSettings => ({
  state: given.state,
  keys: typeof given.keys === 'string' ? [given.keys] : given.keys,
  keystores: given.keystores,
  policy: given.policy,
  socket: given.socket,
  callers: given.callers,
  publicSocket: given.public_socket,
  metricsListen: given.metrics_listen,
  logLevel: given.log_level,
  log: {
    folder: given.log.folder,
    sync: given.log.sync,
    rotateOctets: given.log.rotate_bytes,
    checkpointInterval: given.log.checkpoint_minutes * MINUTE,
    keep: given.log.keep,
  },
  limits: {
    imageOctets: given.limits.max_image_bytes,
    workers: given.limits.workers,
    queue: given.limits.queue,
    queuePerCaller: given.limits.queue_per_caller,
    maxWait: given.limits.max_wait,
  },
  refresh: { schedule: given.refresh.schedule, keyInterval: given.refresh.key_interval },
  sweep: {
    folders: given.sweep.folders,
    schedule: given.sweep.schedule,
    rehashPeriod: given.sweep.rehash_days * DAY,
    rehashRate: given.sweep.bytes_per_second,
  },
  promote: { store: given.promote.store },
  clockSkew: given.clock_skew,
}));
