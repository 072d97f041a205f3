/**
 * The little that a keystore needs of an ordered key-value database. Keys are compared octet by octet.
 * Every method throws `CLOSED` after `close`, `READ_FAILED` or `CORRUPT` when the database cannot answer.
 */

export interface RowRange {
  readonly gt?: Buffer;
  readonly gte?: Buffer;
  readonly lt?: Buffer;
  readonly lte?: Buffer;
  readonly reverse?: boolean;
  /** How many rows at the most. */
  readonly limit?: number;
}

export type Row = readonly [key: Buffer, value: Buffer];

/** One change of a batch; without a value the row is deleted. */
export interface RowWrite {
  readonly key: Buffer;
  readonly value?: Buffer;
}

export interface RowReader {
  get(key: Buffer): Promise<Buffer | undefined>;
  /** The values of all keys as of one moment, in the order of the keys. */
  getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]>;
  hasMany(keys: readonly Buffer[]): Promise<boolean[]>;
  /** The rows of a range as of the first step, in pieces of at most `size`; none is empty. */
  scan(range: RowRange, size: number): AsyncIterable<readonly Row[]>;
  scanKeys(range: RowRange, size: number): AsyncIterable<readonly Buffer[]>;
}

export interface RowSnapshot extends RowReader {
  close(): Promise<void>;
}

export interface Rows extends RowReader {
  /** Everything as of now. Holds back the reuse of disk space, so it is to be closed soon. */
  snapshot(): RowSnapshot;
  /**
   * All of the batch or nothing, on stable storage when it resolves. Throws `WRITE_FAILED`: nothing of the
   * batch can be seen, but it may turn out to be written when the database is next opened.
   */
  write(batch: readonly RowWrite[]): Promise<void>;
  close(): Promise<void>;
}
