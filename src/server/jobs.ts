/* What the keystore does by schedule. What a job needs is loaded when it runs: the start of the server does not wait. */
import { join } from 'node:path';
import { SCHEDULE_OFF } from '../config/server-config.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { Log } from '../log.ts';
import type { Work } from './job-book.ts';
import type { OpenStore } from './open-store.ts';
import { peerSchedules } from './peer-schedules.ts';

export interface JobNeeds {
  readonly store: OpenStore;
  /** The settings of now. */
  readonly config: () => ServerConfig;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The exchange with peers. Absent: there is none. */
  readonly peers?: readonly Work[];
}

export function worksOf(needs: JobNeeds): readonly Work[] {
  return [
    { name: 'backup', run: () => backUp(needs) },
    {
      name: 'compact',
      run: async () => {
        if (needs.store.shared) return 'left to the database';
        const before = await needs.store.octets();
        await needs.store.compact();
        return `${before ?? 0} octets before, ${(await needs.store.octets()) ?? 0} after`;
      },
    },
    { name: 'expiring', run: () => reportExpiring(needs) },
    {
      name: 'tombstones',
      run: async () => {
        const { sweepTombstones } = await import('./sweep-tombstones.ts');
        const removed = await sweepTombstones(needs.store.keystore);
        for (const fingerprint of removed) needs.log.warn('removed, as it is blocked', { fingerprint });
        return `${removed.length} taken out`;
      },
    },
    { name: 'weak-keys', run: () => reportWeak(needs) },
    ...(needs.peers ?? []),
  ];
}

/** Cron expressions of the jobs that have one. */
export function schedulesOf(config: ServerConfig): ReadonlyMap<string, string> {
  const { backup, jobs } = config;
  const all: readonly (readonly [string, string])[] = [
    ['backup', backup.schedule],
    ['compact', jobs.compact],
    ['expiring', jobs.expiring],
    ['tombstones', jobs.tombstones],
    ['weak-keys', jobs.weakKeys],
    ...peerSchedules(config),
  ];
  return new Map(all.filter(([, schedule]) => schedule !== SCHEDULE_OFF));
}

async function backUp({ store, config, now }: JobNeeds): Promise<string> {
  const [{ backupName, sweepBackups }, { writeBackup }] = await Promise.all([
    import('./backup/backup-folder.ts'),
    import('./backup/write-backup.ts'),
  ]);
  const { folder, keep } = config().backup;
  const time = now();
  const path = join(folder, backupName(time));
  const { counts, octets } = await writeBackup(path, store.keystore.items(), time);
  const old = await sweepBackups(folder, keep, time);
  const swept = old.length === 0 ? '' : `, ${old.length} old deleted`;
  return `${path}: ${counts.certificates} certificate${counts.certificates === 1 ? '' : 's'}, ${octets} octets, read back${swept}`;
}

async function reportExpiring({ store, config, log, now }: JobNeeds): Promise<string> {
  const [{ expiringKeys }, { writeReport }] = await Promise.all([
    import('./expiring-keys.ts'),
    import('./reports.ts'),
  ]);
  const days = config().jobs.expiringDays;
  const report = await expiringKeys(store.keystore, Math.floor(now() / 1000), days);
  for (const { fingerprint, expires } of report.keys) {
    log.warn('a key expires soon', { fingerprint, expires: new Date(expires * 1000).toISOString() });
  }
  await writeReport(store.keystore, 'expiring', { ...report, days });
  return `${report.count} expire within ${days} days`;
}

async function reportWeak({ store }: JobNeeds): Promise<string> {
  const [{ weakKeyReport }, { writeReport }] = await Promise.all([
    import('../hkp/weak-keys.ts'),
    import('./reports.ts'),
  ]);
  const report = await weakKeyReport(store.keystore);
  await writeReport(store.keystore, 'weak-keys', report);
  return `${report.weak} of ${report.certificates} certificates are weak`;
}
