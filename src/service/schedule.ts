import { createTask, validate } from 'node-cron';
import type { ScheduledTask, TaskContext } from 'node-cron';
import type { Log } from '../log.ts';

export interface Job {
  readonly name: string;
  /** Cron expression of five fields, or six with seconds; local time. */
  readonly schedule: string;
  /**
   * Milliseconds by which a run may begin later, so that hosts do not all ask at once; at most a quarter of the time
   * between two runs.
   */
  readonly jitter?: number;
  /** `planned`: for when, in milliseconds since 1970; undefined when it is run by hand. */
  run(planned?: number): Promise<void>;
}

/** What came of a job's last run. */
export interface JobStatus {
  readonly name: string;
  /** Milliseconds since 1970, when the last good run ended; undefined: none did. */
  readonly lastSuccess?: number;
  /** What the last run failed with; undefined: it did not. */
  readonly problem?: string;
  readonly running: boolean;
  /** Turns that were left out because the one before was still under way. */
  readonly overlaps: number;
}

export interface Schedule {
  /** From now on jobs run by their schedules. */
  start(): void;
  /** Runs a job now, or joins the run that is under way. Rejects as the job does. */
  run(name: string): Promise<void>;
  status(): readonly JobStatus[];
  /** Begins no more runs and waits for those under way. */
  stop(): Promise<void>;
}

/** Whether a text is a cron expression that `createSchedule` takes. */
export function isSchedule(expression: string): boolean {
  return validate(expression);
}

/** Jobs by schedule and by hand. A job never runs twice at once, and what a scheduled run throws goes to the log. */
export function createSchedule(jobs: readonly Job[], log: Log, now: () => number): Schedule {
  const turns = new Map(jobs.map((job) => [job.name, new Turns(job, now)]));
  const tasks = [...turns.values()].map((one) => taskOf(one, log));
  return {
    start: () => {
      for (const task of tasks) void task.start();
    },
    run: (name) => {
      const one = turns.get(name);
      return one === undefined ? Promise.reject(new TypeError(`there is no job ${name}`)) : one.run();
    },
    status: () => [...turns.values()].map((one) => one.status()),
    stop: async () => {
      for (const task of tasks) await task.destroy();
      await Promise.all([...turns.values()].map((one) => one.settled()));
    },
  };
}

/** The runs of one job, by schedule or by hand. */
class Turns {
  readonly job: Job;
  readonly #now: () => number;
  #current: Promise<void> | undefined;
  #lastSuccess: number | undefined;
  #problem: string | undefined;
  #overlaps = 0;

  constructor(job: Job, now: () => number) {
    this.job = job;
    this.#now = now;
  }

  run(planned?: number): Promise<void> {
    this.#current ??= this.#run(planned).finally(() => {
      this.#current = undefined;
    });
    return this.#current;
  }

  leaveOut(): void {
    this.#overlaps += 1;
  }

  async settled(): Promise<void> {
    await this.#current?.catch(() => undefined);
  }

  status(): JobStatus {
    return {
      name: this.job.name,
      ...(this.#lastSuccess !== undefined && { lastSuccess: this.#lastSuccess }),
      ...(this.#problem !== undefined && { problem: this.#problem }),
      running: this.#current !== undefined,
      overlaps: this.#overlaps,
    };
  }

  async #run(planned: number | undefined): Promise<void> {
    try {
      await this.job.run(planned);
      this.#lastSuccess = this.#now();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }
}

function taskOf(turns: Turns, log: Log): ScheduledTask {
  const { name, schedule, jitter = 0 } = turns.job;
  const attempt = ({ date }: TaskContext): Promise<void> =>
    turns.run(date.getTime()).catch((error: unknown) => {
      log.error('job failed', { job: name, error: error instanceof Error ? error.message : String(error) });
    });
  const task = createTask(schedule, attempt, {
    name,
    noOverlap: true,
    maxRandomDelay: jitter === 0 ? 0 : Math.min(jitter, intervalOf(schedule) / 4),
    // A host that slept has missed turns; the next one does their work.
    suppressMissedWarning: true,
    unref: true,
    logger: quiet(log, name),
  });
  task.on('execution:overlap', () => {
    turns.leaveOut();
    log.debug('job is still under way', { job: name });
  });
  return task;
}

/** Milliseconds between the next two runs. */
function intervalOf(schedule: string): number {
  const probe = createTask(schedule, () => undefined);
  const [one, other] = probe.getNextRuns(2);
  void probe.destroy();
  return one === undefined || other === undefined ? 0 : other.getTime() - one.getTime();
}

/** What node-cron says of its own accord is for whoever looks for a fault. */
function quiet(
  log: Log,
  job: string,
): { [Level in 'info' | 'warn' | 'error' | 'debug']: (message: unknown) => void } {
  const debug = (message: unknown): void => log.debug('schedule', { job, message: String(message) });
  return { info: debug, warn: debug, error: debug, debug };
}
