import type { Row, RowRange, RowReader, Rows, RowSnapshot, RowWrite } from '../../src/keystore/rows.ts';

/** Rows that a test can watch and disturb. */
export class InstrumentedRows implements Rows {
  /** Runs before a batch goes to the rows below; may wait, and may throw instead. */
  beforeWrite: (batch: readonly RowWrite[]) => Promise<void> = async () => {};
  /** Runs after a batch was written. */
  afterWrite: () => Promise<void> = async () => {};
  /** Runs between the reads of one search. */
  beforeHasMany: () => Promise<void> = async () => {};
  /** Iterations and snapshots begun and not yet ended. */
  openHandles = 0;
  readonly #below: Rows;

  constructor(below: Rows) {
    this.#below = below;
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return this.#below.get(key);
  }

  getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    return this.#below.getMany(keys);
  }

  hasMany(keys: readonly Buffer[]): Promise<boolean[]> {
    return this.#disturbed(this.#below, keys);
  }

  scan(range: RowRange, size: number): AsyncIterable<readonly Row[]> {
    return this.#counted(this.#below.scan(range, size));
  }

  scanKeys(range: RowRange, size: number): AsyncIterable<readonly Buffer[]> {
    return this.#counted(this.#below.scanKeys(range, size));
  }

  snapshot(): RowSnapshot {
    const below = this.#below.snapshot();
    this.openHandles += 1;
    return {
      get: (key) => below.get(key),
      getMany: (keys) => below.getMany(keys),
      hasMany: (keys) => this.#disturbed(below, keys),
      scan: (range, size) => this.#counted(below.scan(range, size)),
      scanKeys: (range, size) => this.#counted(below.scanKeys(range, size)),
      close: async () => {
        this.openHandles -= 1;
        await below.close();
      },
    };
  }

  async write(batch: readonly RowWrite[]): Promise<void> {
    await this.beforeWrite(batch);
    await this.#below.write(batch);
    await this.afterWrite();
  }

  close(): Promise<void> {
    return this.#below.close();
  }

  async #disturbed(reader: RowReader, keys: readonly Buffer[]): Promise<boolean[]> {
    await this.beforeHasMany();
    return reader.hasMany(keys);
  }

  async *#counted<T>(pieces: AsyncIterable<T>): AsyncGenerator<T> {
    this.openHandles += 1;
    try {
      yield* pieces;
    } finally {
      this.openHandles -= 1;
    }
  }
}
