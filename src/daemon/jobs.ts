/* What the daemon does by schedule. */
import type { StalenessWatch } from '../admission/keys/key-staleness.ts';
import type { RefreshReport } from '../admission/keys/managed-key-book.ts';
import { Reevaluation } from '../admission/reevaluation.ts';
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
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Milliseconds by which hosts ask keystores at different times. */
const REFRESH_JITTER = 30_000;

const EVERY_TEN_SECONDS = '*/10 * * * * *';
const EVERY_MINUTE = '30 * * * * *';

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
  ];
}

function sweepNow({ config, parts, now }: JobNeeds): Promise<SweepReport> {
  return sweep({
    images: parts.images,
    table: parts.db.table<SweptImage>('swept'),
    folders: config.sweep.folders,
    patience: config.limits.maxWait,
    now,
    event: parts.event,
  });
}
