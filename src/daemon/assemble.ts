/* Puts the parts together; nothing listens and nothing runs by schedule yet. */
import type { SweepReport } from '../admission/sweep.ts';
import { StalenessWatch } from '../admission/keys/key-staleness.ts';
import { folderLook } from '../admission/host/folder-look.ts';
import type { DaemonConfig } from '../config/daemon-config.ts';
import { readPolicyFiles } from '../config/policy-files.ts';
import { lintPolicy } from '../policy/lint.ts';
import { createSchedule } from '../service/schedule.ts';
import type { Schedule } from '../service/schedule.ts';
import { daemonApp } from './app.ts';
import { Doors } from './doors.ts';
import { jobsOf } from './jobs.ts';
import { Metrics } from './metrics.ts';
import { observe } from './observer.ts';
import { openParts } from './open-parts.ts';
import type { OpenOptions, Parts } from './open-parts.ts';
import { operationsOf } from './operations.ts';
import { pastDecisions } from './past-decisions.ts';
import { ReaderThreads } from './reader-threads.ts';
import { policyFingerprints } from './policy-fingerprints.ts';
import { PolicyKeeper } from './policy-keeper.ts';
import type { Observer, TrustService } from './trust-service.ts';

export interface AssembleOptions extends Omit<OpenOptions, 'onLogFailure'> {
  /** A descriptor of an admin socket that is open already. */
  readonly inherited: number | undefined;
}

export interface Assembly {
  readonly parts: Parts;
  readonly policies: PolicyKeeper;
  readonly schedule: Schedule;
  readonly service: TrustService;
  readonly doors: Doors;
  readonly threads: ReaderThreads;
  /** Has what takes long end soon. */
  readonly stopping: AbortController;
}

export async function assemble(options: AssembleOptions): Promise<Assembly> {
  const { config, elapsed, inherited, log, now, uid } = options;
  const failures = new FailureCount();
  const parts = await openParts({ ...options, onLogFailure: () => failures.log() });
  const policies = keeperOf(parts, config, options);
  const local = new LocalKeysHealth(parts);
  const sweeps = new LastSweep();
  const staleness = stalenessOf(parts);
  const threads = new ReaderThreads(parts.images);
  const stopping = new AbortController();
  const jobs = jobsOf({
    config,
    parts,
    staleness,
    reloadKeys: () => local.reload(),
    onRefresh: ({ failed }) => failures.refresh(failed.length),
    onSweep: (report) => sweeps.note(report),
    checkThreads: () => threads.answer(),
    stopping: stopping.signal,
    now,
    elapsed,
  });
  const schedule = createSchedule(jobs, log, now);
  const doors = new Doors({
    app: (caller) => daemonApp(service, caller),
    socket: config.socket,
    ...(inherited !== undefined && { inherited }),
    callers: config.callers,
    publicSocket: config.publicSocket,
    uid,
  });
  const service: TrustService = {
    admission: parts.admission,
    policies,
    keys: parts.keys,
    decisions: pastDecisions(config.log.folder),
    operations: operationsOf({
      parts,
      patience: config.limits.maxWait,
      sweep: async () => {
        await schedule.run('sweep');
        return sweeps.last;
      },
      addCaller: (caller) => doors.addCaller(caller),
    }),
    observer: observerOf(options, { parts, policies, schedule, doors, local, failures, staleness, threads }),
    maxWait: config.limits.maxWait,
    now,
    log,
  };
  return { parts, policies, schedule, service, doors, threads, stopping };
}

interface Observed {
  readonly parts: Parts;
  readonly policies: PolicyKeeper;
  readonly schedule: Schedule;
  readonly doors: Doors;
  readonly local: LocalKeysHealth;
  readonly failures: FailureCount;
  readonly staleness: StalenessWatch;
  readonly threads: ReaderThreads;
}

function observerOf(
  { config, now, version }: AssembleOptions,
  { parts, policies, schedule, doors, local, failures, staleness, threads }: Observed,
): Observer {
  const { admission, clock, decisions, images, keys } = parts;
  const metrics = new Metrics({
    reader: () => images.counters,
    keys: () => keys.status(Math.floor(now() / 1000)),
    policy: () => policies.status,
    policyFailures: () => policies.failures,
    refreshFailures: () => failures.refreshes,
    logFailures: () => failures.logLines,
    jobs: () => schedule.status(),
    now,
  });
  return observe({
    config,
    version,
    metrics,
    policies,
    policy: () => admission.policy,
    keys,
    images,
    decisions,
    logProblem: () => decisions.problem,
    keysProblem: () => local.problem,
    threadsProblem: () => threads.problem,
    staleKeys: () => staleness.current(),
    clockSuspect: () => clock.read().suspect,
    event: parts.event,
    jobs: () => schedule.status(),
    callers: () => doors.callers,
    now,
  });
}

/** By the clock that decisions are made by. */
function stalenessOf({ admission, clock, event, keys }: Parts): StalenessWatch {
  const now = (): number => Math.floor(clock.read().now / 1000);
  return new StalenessWatch({
    policy: () => admission.policy,
    keys: () => keys.status(now()).keys,
    now,
    event,
  });
}

/** What went wrong since the start, for metrics. */
class FailureCount {
  #logLines = 0;
  #refreshes = 0;

  get logLines(): number {
    return this.#logLines;
  }

  get refreshes(): number {
    return this.#refreshes;
  }

  log(): void {
    this.#logLines += 1;
  }

  refresh(count: number): void {
    this.#refreshes += count;
  }
}

/** The job tells nobody what it found; whoever ordered a sweep wants to know. */
class LastSweep {
  #last: SweepReport | undefined;

  get last(): SweepReport | undefined {
    return this.#last;
  }

  note(report: SweepReport): void {
    this.#last = report;
  }
}

/** Whether the keys of this host could be read when they were read last. */
class LocalKeysHealth {
  readonly #parts: Parts;
  #problem: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  async reload(): Promise<void> {
    try {
      await this.#parts.keys.reloadLocal();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }
}

/** The policy may be root's or the service's own; nobody else may be able to write it. */
function keeperOf(
  { admission, db, event, keys }: Parts,
  config: DaemonConfig,
  { now, uid }: AssembleOptions,
): PolicyKeeper {
  return new PolicyKeeper({
    read: () => readPolicyFiles(config.policy, { owners: [...new Set([0, uid])] }),
    lint: (policy, at) => lintPolicy(policy, folderLook(), at),
    apply: async (policy) => {
      await keys.pin(policyFingerprints(policy));
      admission.setPolicy(policy);
    },
    serials: db.table<number>('policy'),
    event,
    now,
  });
}
