import { closeSync, fstatSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { AdmissionError } from '../error.ts';
import { FairQueue } from './fair-queue.ts';
import type { QueueLimits } from './fair-queue.ts';
import { stateOf } from './file-identity.ts';
import { CHANGED, problem } from './problem.ts';
import type { ReadOutcome } from './read-order.ts';
import { WorkerPool } from './worker-pool.ts';

/** A file to be read to its end. */
export interface FileToRead {
  /** Closed when reading has ended, however it ends; not when `QUEUE_FULL` is thrown. */
  readonly fd: number;
  /** Milliseconds within which two changes may have one time. */
  readonly granularity: number;
}

export interface ReadFile {
  readonly outcome: ReadOutcome;
  /** Milliseconds since 1970: when reading began. */
  readonly verifiedAt: number;
  /** Of the file, before reading and after it. */
  readonly state: string;
  /** Every change since reading began has another time of change than this state has. */
  readonly settled: boolean;
}

export interface ReadingOptions {
  readonly program: URL;
  readonly workers: number;
  readonly queue: QueueLimits;
  readonly maxOctets: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Octets in a second that one thread reads at the most; undefined: as fast as it can. */
  readonly rate?: number;
}

interface Job {
  readonly file: FileToRead;
  readonly keep: (read: ReadFile) => Promise<void>;
  readonly done: (result: ReadFile) => void;
  readonly failed: (error: unknown) => void;
}

/** A file that changes while it is read is read once more. */
const ATTEMPTS = 2;

/** Reads files, as many at a time as there are threads; whoever wants a file that is being read waits for it. */
export class Reading {
  readonly #options: ReadingOptions;
  readonly #pool: WorkerPool;
  readonly #queue: FairQueue<Job>;
  readonly #underWay = new Map<string, Promise<ReadFile>>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;
  hashedOctets = 0;
  hashes = 0;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#pool = new WorkerPool(options.program);
    this.#queue = new FairQueue(options.queue);
  }

  get queueDepth(): number {
    return this.#queue.length;
  }

  answers(patience: number): Promise<boolean> {
    return this.#pool.answers(patience);
  }

  /** What is being read under this name: one file in one state. */
  underWay(name: string): Promise<ReadFile> | undefined {
    return this.#underWay.get(name);
  }

  /**
   * Reads when it is the caller's turn; `keep` runs before anybody is told. Throws `QUEUE_FULL` and, closed,
   * `NOT_READY`.
   */
  begin(
    name: string,
    file: FileToRead,
    caller: string,
    keep: (read: ReadFile) => Promise<void>,
  ): Promise<ReadFile> {
    if (this.#closed) throw stopped();
    let job: Job | undefined;
    const reading = new Promise<ReadFile>((done, failed) => {
      job = { file, keep, done, failed };
    });
    if (job !== undefined) this.#queue.push(caller, job);
    reading.then(
      () => this.#underWay.delete(name),
      () => this.#underWay.delete(name),
    );
    this.#underWay.set(name, reading);
    this.#next();
    return reading;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      closeSync(job.file.fd);
      job.failed(stopped());
    }
    await this.#pool.close();
    await Promise.all(this.#running);
  }

  #next(): void {
    if (this.#running.size >= this.#options.workers) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    const running = this.#run(job).finally(() => {
      this.#running.delete(running);
      this.#next();
    });
    this.#running.add(running);
  }

  async #run({ file, keep, done, failed }: Job): Promise<void> {
    try {
      const result = await this.#read(file);
      await keep(result);
      if (this.#closed) failed(stopped());
      else done(result);
    } catch (error) {
      failed(error);
    } finally {
      closeSync(file.fd);
    }
  }

  async #read({ fd, granularity }: FileToRead): Promise<ReadFile> {
    const { now, maxOctets, rate } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      await this.#settle(fd, granularity);
      const verifiedAt = now();
      const before = fstatSync(fd, { bigint: true });
      const outcome =
        before.size > BigInt(maxOctets)
          ? problem('LIMIT', `it has ${before.size} octets; ${maxOctets} are allowed`)
          : await this.#pool.run({ fd, size: Number(before.size), ...(rate !== undefined && { rate }) });
      if (outcome.kind === 'content') this.#count(outcome.evidence.size);
      const state = stateOf(before);
      const changed = state !== stateOf(fstatSync(fd, { bigint: true }));
      const settled = Number(before.ctimeNs / 1_000_000n) + granularity <= verifiedAt;
      if (!changed) return { outcome, verifiedAt, state, settled };
      if (attempt === ATTEMPTS || this.#closed)
        return { outcome: CHANGED, verifiedAt, state, settled: false };
    }
  }

  /** A change right after the last one could have the same time: a moment later it cannot. */
  async #settle(fd: number, granularity: number): Promise<void> {
    const { ctimeNs } = fstatSync(fd, { bigint: true });
    const wait = Number(ctimeNs / 1_000_000n) + granularity + 1 - this.#options.now();
    if (wait > 0 && wait <= granularity + 1 && wait <= LONGEST_WAIT) await sleep(wait);
  }

  #count(octets: number): void {
    this.hashes += 1;
    this.hashedOctets += octets;
  }
}

/** Milliseconds that a file is worth waiting for; where times are coarser, it is read again the next time. */
const LONGEST_WAIT = 50;

function stopped(): AdmissionError {
  return new AdmissionError('NOT_READY', 'the service stops');
}
