/* What the server does of its own accord, and what came of it: kept as documents, so that it is still told when the
 * server does not run. */
import type { Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';
import { ServerError } from './error.ts';
import type { JobLeases } from './job-leases.ts';
import { MAX_OUTCOME_LENGTH } from './limits.ts';

const KIND = 'job';

/** One piece of work. */
export interface Work {
  readonly name: string;
  /** What came of it, in a few words for the operator. */
  run(): Promise<string>;
}

/** What came of the last run of a job. Times are milliseconds since 1970. */
export interface JobRecord {
  readonly started: number;
  readonly ended: number;
  readonly ok: boolean;
  /** What came of it, or why it failed. */
  readonly words: string;
  /** When it last went well. */
  readonly lastSuccess?: number;
  /** The turn of its schedule that it was. */
  readonly turn?: number;
}

export interface JobBookParts {
  readonly keystore: Keystore;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where other processes run the same jobs on the same store. */
  readonly leases?: JobLeases | undefined;
}

/** Runs jobs, each at most once at a time, and writes down what came of them. */
export class JobBook {
  readonly #parts: JobBookParts;
  readonly #works: ReadonlyMap<string, Work>;
  readonly #running = new Map<string, Promise<JobRecord>>();

  constructor(parts: JobBookParts, works: readonly Work[]) {
    this.#parts = parts;
    this.#works = new Map(works.map((work) => [work.name, work]));
  }

  get names(): readonly string[] {
    return [...this.#works.keys()];
  }

  async record(name: string): Promise<JobRecord | undefined> {
    return readRecord((await this.#parts.keystore.document(KIND, name))?.value);
  }

  /** Here or elsewhere. */
  async isRunning(name: string): Promise<boolean> {
    return this.#running.has(name) || ((await this.#parts.leases?.isTaken(name)) ?? false);
  }

  /**
   * Runs a job, or joins the run under way, here or elsewhere. With a `turn`, the time for which it was planned in
   * milliseconds since 1970, it is not run again where somebody else had that turn. A job that fails is a record too.
   * Throws `NOT_FOUND`, and `KeystoreError` where the store does not answer.
   */
  run(name: string, turn?: number): Promise<JobRecord> {
    const work = this.#works.get(name);
    if (work === undefined) {
      const known = `there are ${this.names.join(', ')}`;
      return Promise.reject(new ServerError('NOT_FOUND', `there is no job of that name; ${known}`));
    }
    let run = this.#running.get(name);
    if (run === undefined) {
      run = this.#runOnce(work, turn).finally(() => this.#running.delete(name));
      this.#running.set(name, run);
    }
    return run;
  }

  /** Waits for the runs under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #runOnce(work: Work, turn: number | undefined): Promise<JobRecord> {
    const { leases } = this.#parts;
    if (leases === undefined) return this.#run(work, turn);
    const lease = await leases.take(work.name);
    try {
      const last = await this.record(work.name);
      const had = turn !== undefined && last?.turn !== undefined && last.turn >= turn;
      if (lease !== undefined && !had) return await this.#run(work, turn);
      return last ?? this.#notRun();
    } finally {
      await lease?.end();
    }
  }

  /** The server stopped while it waited, or whoever ran the job could not write down what came of it. */
  #notRun(): JobRecord {
    const time = this.#parts.now();
    return {
      started: time,
      ended: time,
      ok: false,
      words: 'not run here, and nothing is known of elsewhere',
    };
  }

  async #run(work: Work, turn: number | undefined): Promise<JobRecord> {
    const { log, now } = this.#parts;
    const started = now();
    let ok = true;
    let words: string;
    try {
      words = await work.run();
      log.info('job done', { job: work.name, outcome: words });
    } catch (error) {
      ok = false;
      words = error instanceof Error ? error.message : String(error);
      log.error('job failed', { job: work.name, error: words });
    }
    const outcome = { started, ended: now(), ok, words: words.slice(0, MAX_OUTCOME_LENGTH) };
    return this.#write(work.name, turn === undefined ? outcome : { ...outcome, turn });
  }

  /** The work is done, whether it can be written down or not. */
  async #write(name: string, outcome: JobRecord): Promise<JobRecord> {
    const { keystore, log } = this.#parts;
    try {
      const held = await keystore.document(KIND, name);
      const record = { ...lasting(readRecord(held?.value)), ...outcome, ...lastSuccess(outcome) };
      await keystore.putDocument(KIND, name, record, held?.version ?? 0);
      return record;
    } catch (error) {
      log.error('the outcome of a job cannot be written', { job: name, error: String(error) });
      return { ...outcome, ...lastSuccess(outcome) };
    }
  }
}

function readRecord(value: unknown): JobRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { started, ended, ok, words, ...more }: Partial<Record<keyof JobRecord, unknown>> = value;
  if (typeof started !== 'number' || typeof ended !== 'number') return undefined;
  if (typeof ok !== 'boolean' || typeof words !== 'string') return undefined;
  return {
    started,
    ended,
    ok,
    words,
    ...(typeof more.lastSuccess === 'number' && { lastSuccess: more.lastSuccess }),
    ...(typeof more.turn === 'number' && { turn: more.turn }),
  };
}

/** What of the record before is still true after another run. */
function lasting(record: JobRecord | undefined): Pick<JobRecord, 'lastSuccess' | 'turn'> {
  const { lastSuccess: success, turn } = record ?? {};
  return { ...(success !== undefined && { lastSuccess: success }), ...(turn !== undefined && { turn }) };
}

function lastSuccess({ ok, ended }: JobRecord): Pick<JobRecord, 'lastSuccess'> {
  return ok ? { lastSuccess: ended } : {};
}
