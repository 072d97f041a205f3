import { FORMAT } from '../keystore/row-layout.ts';
import type { Keystore } from '../keystore/keystore.ts';
import { nextRun } from '../service/next-run.ts';
import { listBackups } from './backup/backup-folder.ts';
import type { JobRecord } from './job-book.ts';
import { schedulesOf } from './jobs.ts';
import type { Operation, OperationAnswer, OperationParts } from './operation.ts';
import { peerLines, peerStates } from './peer-status.ts';
import { readReport } from './reports.ts';

/** How much is held and since when; what jobs came to; what the limits turned away. */
export const statusOperation: Operation = {
  takes: [],
  makes: false,
  run: async (_args, parts) => {
    const value = await statusOf(parts);
    return { value, lines: statusLines(value) };
  },
};

/** Jobs, their last and next runs; with a name, after running it now. */
export const jobsOperation: Operation = {
  takes: ['run'],
  makes: false,
  run: async (args, parts): Promise<OperationAnswer> => {
    const name = args.optionalText('run');
    if (name !== undefined) await parts.book.run(name);
    const jobs = (await jobStates(parts)).filter((job) => name === undefined || job.name === name);
    return { value: jobs, lines: jobs.map(jobLine) };
  },
};

interface JobState {
  readonly name: string;
  readonly schedule: string;
  /** ISO 8601; null: by hand only, or the server does not run. */
  readonly next: string | null;
  readonly running: boolean;
  readonly last: (Pick<JobRecord, 'ok' | 'words'> & JobTimes) | null;
}

interface JobTimes {
  readonly started: string;
  readonly ended: string;
  readonly lastSuccess: string | null;
}

async function jobStates({ book, config, running }: OperationParts): Promise<readonly JobState[]> {
  const schedules = schedulesOf(config());
  const states = book.names.map(async (name): Promise<JobState> => {
    const schedule = schedules.get(name);
    const next = schedule === undefined || running === undefined ? undefined : nextRun(schedule);
    const last = await book.record(name);
    return {
      name,
      schedule: schedule ?? 'off',
      next: iso(next),
      running: await book.isRunning(name),
      last:
        last === undefined
          ? null
          : {
              started: new Date(last.started).toISOString(),
              ended: new Date(last.ended).toISOString(),
              ok: last.ok,
              words: last.words,
              lastSuccess: iso(last.lastSuccess),
            },
    };
  });
  return Promise.all(states);
}

type Status = Awaited<ReturnType<typeof statusOf>>;

async function statusOf(parts: OperationParts) {
  const { store, config, tokens, running } = parts;
  const { keystore, place } = store;
  const { certificates, sequence } = await keystore.status();
  const backups = await listBackups(config().backup.folder);
  const last = backups.at(-1);
  return {
    store: place,
    shared: store.shared,
    format: FORMAT,
    running: running !== undefined,
    url: running?.url ?? null,
    since: iso(running?.started),
    certificates,
    changes: sequence,
    lastChange: await lastChangeTime(keystore, sequence),
    octets: (await store.octets()) ?? null,
    tombstones: await countOf(keystore.allTombstones()),
    access: config().access.mode,
    tokens: (await tokens.list()).filter(({ revoked }) => revoked === undefined).length,
    backups: {
      folder: config().backup.folder,
      count: backups.length,
      octets: backups.reduce((sum, { octets }) => sum + octets, 0),
      last: last === undefined ? null : { path: last.path, time: iso(last.time), octets: last.octets },
    },
    jobs: await jobStates(parts),
    limits: running?.limitsHit() ?? null,
    weakKeys: (await readReport(keystore, 'weak-keys')) ?? null,
    expiring: (await readReport(keystore, 'expiring')) ?? null,
    peers: await peerStates(keystore, config()),
  };
}

function statusLines(status: Status): readonly string[] {
  const rows: (readonly [string, string | number])[] = [
    ['Store', status.store],
    ['Format', status.format],
    ['Server', serverWords(status)],
    ['Certificates', status.certificates],
    ['Changes', status.changes],
    ['Last change', status.lastChange ?? 'none yet'],
    ['Size', status.octets === null ? 'not told by the database' : readable(status.octets)],
    ['Removed', status.tombstones],
    ['Who may push', status.access],
    ['Tokens', status.tokens],
    ['Last backup', backupWords(status)],
  ];
  if (status.limits !== null) rows.push(['Limits hit', limitWords(status.limits)]);
  const weak = countIn(status.weakKeys, 'weak');
  if (weak !== undefined) rows.push(['Weak keys', weak]);
  const expiring = countIn(status.expiring, 'count');
  const days = countIn(status.expiring, 'days');
  if (expiring !== undefined) rows.push(['Expiring', `${expiring} within ${days ?? 0} days`]);
  return [
    ...rows.map(([name, value]) => `${`${name}:`.padEnd(14)}${value}`),
    ...status.peers.flatMap(peerLines),
    'Jobs:',
    ...status.jobs.map((job) => `  ${jobLine(job)}`),
  ];
}

function jobLine({ name, schedule, next, running, last }: JobState): string {
  const planned = schedule === 'off' ? 'by hand only' : (next ?? `by schedule ${schedule}`);
  const came =
    last === null ? 'did not run yet' : `${last.ok ? 'done' : 'FAILED'} ${last.ended}: ${last.words}`;
  return `${name.padEnd(11)} next ${planned}; ${running ? 'running now; ' : ''}${came}`;
}

/** Servers with other data folders may run on a database. */
function serverWords({ url, since, shared }: Status): string {
  if (url !== null) return `${url}, since ${since ?? ''}`;
  return shared ? 'none of this data folder' : 'not running';
}

function backupWords({ backups: { last, count } }: Status): string {
  if (last === null) return 'none';
  return `${last.time ?? ''}, ${readable(last.octets)}, ${last.path} (${count} kept)`;
}

function limitWords(limits: Readonly<Record<string, number>>): string {
  const hit = Object.entries(limits).filter(([, count]) => count > 0);
  return hit.length === 0 ? 'none' : hit.map(([name, count]) => `${name} ${count} times`).join(', ');
}

/** Reports are kept as documents, and an older Vouch may have written them. */
function countIn(report: unknown, name: string): number | undefined {
  if (typeof report !== 'object' || report === null) return undefined;
  const value: unknown = Object.entries(report).find(([key]) => key === name)?.[1];
  return typeof value === 'number' ? value : undefined;
}

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
}

/** ISO 8601, UTC; null in a store that never changed. */
async function lastChangeTime(keystore: Keystore, sequence: number): Promise<string | null> {
  if (sequence === 0) return null;
  for await (const { time } of keystore.changes(sequence - 1)) return new Date(time).toISOString();
  return null;
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function readable(octets: number): string {
  let value = octets;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
