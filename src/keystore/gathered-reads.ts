import type { RowReader } from './rows.ts';

interface Waiting {
  readonly keys: readonly Buffer[];
  readonly done: (values: (Buffer | undefined)[]) => void;
  readonly failed: (error: unknown) => void;
}

interface GatheringLimits {
  /** Keys of one read, unless a single caller asks for more. */
  readonly keys: number;
  /** Reads under way at once. */
  readonly reads: number;
}

/**
 * Reads that are asked for while others are under way go together in the next, as writes do in `CommitQueue`: a read of
 * many rows costs little more than one of three. One alone waits for nothing.
 */
export class GatheredReads {
  readonly #rows: Pick<RowReader, 'getMany'>;
  readonly #limits: GatheringLimits;
  readonly #waiting: Waiting[] = [];
  #reading = 0;

  constructor(rows: Pick<RowReader, 'getMany'>, limits: GatheringLimits) {
    this.#rows = rows;
    this.#limits = limits;
  }

  /** The values of all keys as of one moment after the call, in the order of the keys. */
  getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    return new Promise((done, failed) => {
      this.#waiting.push({ keys, done, failed });
      if (this.#reading < this.#limits.reads) void this.#drain();
    });
  }

  /** Never rejects: each failure goes to those who wait for it. */
  async #drain(): Promise<void> {
    this.#reading += 1;
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        const values = await this.#rows.getMany(group.flatMap(({ keys }) => keys));
        let start = 0;
        for (const { keys, done } of group) done(values.slice(start, (start += keys.length)));
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.#reading -= 1;
  }

  #nextGroup(): Waiting[] {
    let keys = 0;
    let count = 0;
    for (const one of this.#waiting) {
      keys += one.keys.length;
      if (count > 0 && keys > this.#limits.keys) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
