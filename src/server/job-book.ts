/* What the server does of its own accord, and what came of it: kept as documents, so that it is still told when the
 * server does not run. */
import type { Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';
import { ServerError } from './error.ts';
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
}

export interface JobBookParts {
  readonly keystore: Keystore;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Runs jobs, each at most once at a time, and writes down what came of them. */
export class JobBook {
  readonly #parts: JobBookParts;
  readonly #works: ReadonlyMap<string, Work>;
  readonly #running = new Map<string, Promise<JobRecord>>();
  readonly #records = new Map<string, JobRecord>();

  private constructor(parts: JobBookParts, works: readonly Work[]) {
    this.#parts = parts;
    this.#works = new Map(works.map((work) => [work.name, work]));
  }

  /** With what is written down about these jobs. */
  static async open(parts: JobBookParts, works: readonly Work[]): Promise<JobBook> {
    const book = new JobBook(parts, works);
    for await (const { id, value } of parts.keystore.documents(KIND)) {
      const record = readRecord(value);
      if (record !== undefined) book.#records.set(id, record);
    }
    return book;
  }

  get names(): readonly string[] {
    return [...this.#works.keys()];
  }

  record(name: string): JobRecord | undefined {
    return this.#records.get(name);
  }

  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  /** Runs a job, or joins the run under way. A job that fails is a record too. Throws `NOT_FOUND`. */
  run(name: string): Promise<JobRecord> {
    const work = this.#works.get(name);
    if (work === undefined) {
      const known = `there are ${this.names.join(', ')}`;
      return Promise.reject(new ServerError('NOT_FOUND', `there is no job of that name; ${known}`));
    }
    let run = this.#running.get(name);
    if (run === undefined) {
      run = this.#run(work).finally(() => this.#running.delete(name));
      this.#running.set(name, run);
    }
    return run;
  }

  /** Waits for the runs under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #run(work: Work): Promise<JobRecord> {
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
    const ended = now();
    const lastSuccess = ok ? ended : this.#records.get(work.name)?.lastSuccess;
    const record: JobRecord = {
      started,
      ended,
      ok,
      words: words.slice(0, MAX_OUTCOME_LENGTH),
      ...(lastSuccess !== undefined && { lastSuccess }),
    };
    this.#records.set(work.name, record);
    await this.#write(work.name, record);
    return record;
  }

  /** The work is done, whether it can be written down or not. */
  async #write(name: string, record: JobRecord): Promise<void> {
    const { keystore, log } = this.#parts;
    try {
      const held = await keystore.document(KIND, name);
      await keystore.putDocument(KIND, name, record, held?.version ?? 0);
    } catch (error) {
      log.error('the outcome of a job cannot be written', { job: name, error: String(error) });
    }
  }
}

function readRecord(value: unknown): JobRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { started, ended, ok, words, lastSuccess }: Partial<Record<keyof JobRecord, unknown>> = value;
  if (typeof started !== 'number' || typeof ended !== 'number') return undefined;
  if (typeof ok !== 'boolean' || typeof words !== 'string') return undefined;
  return { started, ended, ok, words, ...(typeof lastSuccess === 'number' && { lastSuccess }) };
}
