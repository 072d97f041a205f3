import { Worker } from 'node:worker_threads';

import type { DigestBeside } from '../../integrity/content-digests.ts';
import type { FilePart } from '../../integrity/part-digests.ts';
import { DIGEST_HEAP_MIB, YOUNG_HEAP_MIB } from '../limits.ts';
import { ringMemory, RingWriter } from './block-ring.ts';

/**
 * A thread that digests what another one reads: SHA-256 of one file cannot be split, but that of the file and those of
 * its contents are of the same octets. Started when it is needed first. One file at a time.
 */
export class DigestThread {
  readonly #program: URL;
  readonly #memory = ringMemory();
  readonly #ring = new RingWriter(this.#memory);
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(program: URL) {
    this.#program = program;
  }

  /** Resolves when it is done with the file before. Then `digest` may be called, once, and the ring be written to. */
  async ready(): Promise<{ readonly ring: RingWriter; readonly digest: DigestBeside }> {
    await this.#last.catch(() => undefined);
    return { ring: this.#ring, digest: (parts) => (this.#last = this.#digest(parts)) };
  }

  /** What comes through the ring; rejects when the thread ends over it. */
  #digest(parts: readonly FilePart[]): Promise<readonly (readonly string[])[]> {
    this.#ring.begin();
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        this.#worker = undefined;
        reject(new Error('the thread that digests ended'));
      };
      worker.once('exit', gone);
      worker.once('message', (hex: readonly (readonly string[])[]) => {
        worker.off('exit', gone);
        resolve(hex);
      });
      // A thread has no origin.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(parts);
    });
  }

  /** Gives up what it does. Another one is started when it is needed. */
  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#program, {
      workerData: this.#memory,
      resourceLimits: { maxOldGenerationSizeMb: DIGEST_HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_HEAP_MIB },
    });
    // Without a listener it would end the thread; `exit` follows in any case.
    worker.on('error', () => undefined);
    return worker;
  }
}
