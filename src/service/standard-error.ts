/* Where the lines of the log go. */
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import type { LogDestination } from './log.ts';

/** The file descriptor. */
const STANDARD_ERROR = 2;

/** Milliseconds for the last lines: a reader that is stuck or gone must not keep the process. */
const CLOSE_PATIENCE = 1000;

/** Octets of lines that are written together: each write wakes another thread, and takes as long as an answer. */
const WRITTEN_TOGETHER = 64 * 1024;

/** Milliseconds that a line waits for others at the most. */
const LINE_PATIENCE = 50;

/** Octets that wait for a slow reader; what comes then is lost, and a line tells how much it was. */
const MAX_WAITING = 16 * 1024 * 1024;

/** The most octets that a unit of a JavaScript string takes in UTF-8. */
const OCTETS_A_UNIT = 3;

/**
 * Lines are written in the background, some together, so that a slow reader does not hold up requests. What is still
 * in memory when the process exits is written then. A line becomes octets at once: strings that wait are moved about
 * by the garbage collector and then kept until it clears up what is old.
 */
export class StandardError implements LogDestination {
  readonly #pipe = pino.destination({
    dest: STANDARD_ERROR,
    sync: false,
    contentMode: 'buffer',
    maxLength: MAX_WAITING,
  });
  #lines = Buffer.allocUnsafeSlow(WRITTEN_TOGETHER);
  #used = 0;
  /** Octets. */
  #lost = 0;
  #waiting: NodeJS.Timeout | undefined;
  /** The lines that are on their way, and those that were, whose memory can be used again. */
  #handed: Buffer<ArrayBuffer> | undefined;
  #written: Buffer<ArrayBuffer> | undefined;

  constructor() {
    // Whoever read the log is gone: the keystore is not.
    this.#pipe.on('error', () => undefined);
    this.#pipe.on('drop', ({ length }: Uint8Array) => {
      this.#lost += length;
    });
    this.#pipe.on('drain', () => this.#goOn());
    process.on('exit', () => this.#writeNow());
  }

  write(line: string): void {
    const most = line.length * OCTETS_A_UNIT;
    if (this.#used + most > WRITTEN_TOGETHER) this.#flush();
    if (most > WRITTEN_TOGETHER) return this.#hand(Buffer.from(line));
    this.#used += this.#lines.write(line, this.#used);
    this.#waiting ??= setTimeout(() => this.#flush(), LINE_PATIENCE).unref();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#flush();
      const done = (): void => {
        clearTimeout(patience);
        resolve();
      };
      const patience = setTimeout(done, CLOSE_PATIENCE);
      this.#pipe.once('close', done);
      // flushSync would overtake a line that is being written.
      this.#pipe.end();
    });
  }

  #flush(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    if (this.#used === 0) return;
    this.#hand(this.#lines.subarray(0, this.#used));
    this.#handed = this.#lines;
    this.#lines = this.#written ?? Buffer.allocUnsafeSlow(WRITTEN_TOGETHER);
    this.#written = undefined;
    this.#used = 0;
  }

  #hand(lines: Uint8Array): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its types only know strings
    this.#pipe.write(lines as unknown as string);
  }

  /** Whatever is begun in the background now is never done. */
  #writeNow(): void {
    if (this.#used === 0) return;
    this.#pipe.flushSync();
    try {
      writeSync(STANDARD_ERROR, this.#lines, 0, this.#used);
    } catch {
      // Nobody reads, and nobody is left to be told.
    }
  }

  /** All that was handed over is written. */
  #goOn(): void {
    this.#written = this.#handed;
    this.#handed = undefined;
    if (this.#lost === 0) return;
    const time = new Date().toISOString();
    const msg = 'log lines were lost: what reads them is too slow';
    const line = { level: 'warn', time, octets: this.#lost, msg };
    this.#lost = 0;
    this.write(`${JSON.stringify(line)}\n`);
  }
}
