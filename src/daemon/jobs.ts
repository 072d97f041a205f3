/* What the daemon does by schedule. */
import type { StalenessWatch } from '../admission/keys/key-staleness.ts';
import type { RefreshReport } from '../admission/keys/managed-key-book.ts';
import { Reevaluation } from '../admission/reevaluation.ts';
import { rehash } from '../admission/rehash.ts';
import type { RehashRound } from '../admission/rehash.ts';
import { sweep } from '../admission/sweep.ts';
import type { SweepReport, SweptImage } from '../admission/sweep.ts';
import type { DaemonConfig } from '../config/daemon-config.ts';
import type { Job } from '../service/schedule.ts';
import type { Parts } from './open-parts.ts';

export interface JobNeeds {
  readonly config: DaemonConfig;
  readonly parts: Parts;
  readonly staleness: Pick<StalenessWatch, 'run'>;
  /** Reads the keys of this host again. */
  readonly reloadKeys: () => Promise<void>;
  /** Questions to keystores failed. */
  readonly onRefresh: (report: RefreshReport) => void;
  readonly onSweep: (report: SweepReport) => void;
  /** Asks the threads that read images whether they answer. */
  readonly checkThreads: () => Promise<unknown>;
  /** The service stops: what takes long ends soon. */
  readonly stopping: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from some point, never backwards. */
  readonly elapsed: () => number;
}

/** Milliseconds by which hosts ask keystores at different times. */
const REFRESH_JITTER = 30_000;

const EVERY_TEN_SECONDS = '*/10 * * * * *';
const EVERY_MINUTE = '30 * * * * *';
const EVERY_HOUR = '43 * * * *';
const HOUR = 60 * 60 * 1000;

export function jobsOf(needs: JobNeeds): readonly Job[] {
  const { config, parts } = needs;
  const reevaluation = new Reevaluation({ admission: parts.admission, event: parts.event });
  return [
    {
      name: 'refresh',
      schedule: config.refresh.schedule,
      jitter: REFRESH_JITTER,
      run: async () => needs.onRefresh(await parts.keys.refresh()),
    },
    { name: 'local-keys', schedule: EVERY_TEN_SECONDS, run: needs.reloadKeys },
    { name: 'staleness', schedule: EVERY_MINUTE, run: () => needs.staleness.run() },
    {
      name: 'reevaluate',
      schedule: EVERY_MINUTE,
      run: async () => {
        await reevaluation.run();
      },
    },
    {
      name: 'uses',
      schedule: EVERY_MINUTE,
      run: async () => {
        await parts.uses.catchUp();
      },
    },
    {
      name: 'sweep',
      schedule: config.sweep.schedule,
      jitter: REFRESH_JITTER,
      run: async () => needs.onSweep(await sweepNow(needs)),
    },
    {
      name: 'threads',
      schedule: EVERY_TEN_SECONDS,
      run: async () => {
        await needs.checkThreads();
      },
    },
    ...(config.sweep.rehashPeriod > 0 ? [rehashJob(needs)] : []),
  ];
}

function rehashJob({ config, parts, stopping, now, elapsed }: JobNeeds): Job {
  const { db, images, recent, event } = parts;
  return {
    name: 'rehash',
    schedule: EVERY_HOUR,
    jitter: REFRESH_JITTER,
    run: async () => {
      await rehash({
        images,
        rounds: db.table<RehashRound>('rehash'),
        swept: db.table<SweptImage>('swept'),
        recent,
        period: config.sweep.rehashPeriod,
        interval: HOUR,
        now,
        elapsed,
        random: Math.random,
        stopping,
        event,
      });
    },
  };
}

function sweepNow({ config, parts, stopping, now }: JobNeeds): Promise<SweepReport> {
  return sweep({
    images: parts.images,
    table: parts.db.table<SweptImage>('swept'),
    folders: config.sweep.folders,
    patience: config.limits.maxWait,
    now,
    stopping,
    event: parts.event,
  });
}
