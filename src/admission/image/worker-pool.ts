import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { WORKER_HEAP_MIB, YOUNG_HEAP_MIB } from '../limits.ts';
import { problem } from './problem.ts';
import { PING } from './read-order.ts';
import type { ReadOrder, ReadOutcome, ThreadData } from './read-order.ts';

/** Milliseconds between two looks at what threads do. */
const LOOK_INTERVAL = 20;

/**
 * Threads that read images, started when there is work. One that dies takes its image with it, no more: the
 * next order starts another. Whoever uses it bounds how many orders there are at a time.
 */
export class WorkerPool {
  readonly #program: URL;
  readonly #idle: Worker[] = [];
  /** With what each shows that it does something. */
  readonly #all = new Map<Worker, ThreadData['beat']>();

  #closed = false;

  constructor(program: URL) {
    this.#program = program;
  }

  /** Never rejects: a thread that ends over its order is an `IO_ERROR` of the image. */
  async run(order: ReadOrder): Promise<ReadOutcome> {
    const worker = this.#idle.pop() ?? this.#start();
    worker.ref();
    const outcome = await new Promise<ReadOutcome>((resolve) => {
      let reason = '';
      const failed = ({ message }: Error): void => {
        reason = ` (${message})`;
      };
      const gone = (): void => resolve(problem('IO_ERROR', `the thread that read it ended${reason}`));
      worker.once('error', failed);
      worker.once('exit', gone);
      worker.once('message', (answer: ReadOutcome) => {
        worker.off('error', failed);
        worker.off('exit', gone);
        resolve(answer);
      });
      // A thread has no origin.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(order);
    });
    // Waiting for work is no reason for the process to stay.
    worker.unref();
    if (this.#all.has(worker)) this.#idle.push(worker);
    return outcome;
  }

  /**
   * Whether a thread reads on, or answers when it is asked, within `patience` milliseconds. Starts one when there is
   * none: that it can be started is what is asked.
   */
  async answers(patience: number): Promise<boolean> {
    if (this.#closed) return false;
    if (this.#all.size === 0) {
      const worker = this.#start();
      worker.unref();
      this.#idle.push(worker);
    }
    const before = new Map([...this.#all].map(([worker, beat]) => [worker, Atomics.load(beat, 0)]));
    // A thread has no origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    for (const worker of before.keys()) worker.postMessage(PING);
    for (let waited = 0; ; waited += LOOK_INTERVAL) {
      const live = [...before].filter(([worker]) => this.#all.has(worker));
      if (live.some(([worker, beats]) => this.#beatsOf(worker) !== beats)) return true;
      if (live.length === 0 || waited >= patience) return false;
      await sleep(LOOK_INTERVAL);
    }
  }

  #beatsOf(worker: Worker): number | undefined {
    const beat = this.#all.get(worker);
    return beat && Atomics.load(beat, 0);
  }

  /** Ends what is being read. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#idle.length = 0;
    await Promise.all([...this.#all.keys()].map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const workerData: ThreadData = {
      beat: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    };
    const worker = new Worker(this.#program, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_HEAP_MIB },
    });
    this.#all.set(worker, workerData.beat);
    // Without a listener it would end the process; `exit` follows in any case.
    worker.on('error', () => this.#forget(worker));
    worker.once('exit', () => this.#forget(worker));
    return worker;
  }

  #forget(worker: Worker): void {
    this.#all.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
