import { Worker } from 'node:worker_threads';

import { WORKER_HEAP_MIB } from '../limits.ts';
import { problem } from './problem.ts';
import type { ReadOrder, ReadOutcome } from './read-order.ts';

/**
 * Threads that read images, started when there is work. One that dies takes its image with it, no more: the
 * next order starts another. Whoever uses it bounds how many orders there are at a time.
 */
export class WorkerPool {
  readonly #program: URL;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

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

  /** Ends what is being read. */
  async close(): Promise<void> {
    this.#idle.length = 0;
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(this.#program, {
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB },
    });
    this.#all.add(worker);
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
