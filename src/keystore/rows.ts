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
  /**
   * The rows of a range in pieces of at most `size`; none is empty. Each is of one moment: in a snapshot that of the
   * snapshot, elsewhere none before the first step.
   */
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

/** What is to be written, given what a locked row holds and how the values of others begin. */
export type Decide = (
  locked: Buffer | undefined,
  beginnings: readonly (Buffer | undefined)[],
) => readonly RowWrite[];

/** Rows that several processes write. Where they cannot be reached, every method throws `UNAVAILABLE`. */
export interface SharedRows extends Rows {
  /**
   * One transaction, and one at a time of those that name the same `lock`: reads what the row of `lock` holds, and
   * of each of `keys` the first octets (as many as a number has), then writes the batch that `decide` makes of them.
   * `decide` must be pure: after a conflict it is asked again. After `UNAVAILABLE` the batch may turn out to be
   * written.
   */
  exchange(lock: Buffer, keys: readonly Buffer[], decide: Decide): Promise<void>;
  /** Writes rows where none of their keys are there; the rows of others stay. */
  add(rows: readonly Row[]): Promise<void>;
  /**
   * Runs `use` on the rows as of one moment while nobody else can write under this `lock`, and writes what it
   * writes in one transaction at its end.
   */
  alone<T>(lock: Buffer, use: (rows: WorkingRows) => Promise<T>): Promise<T>;
  /** Throws `UNAVAILABLE` where reads are answered but no writes taken. */
  assertWritable(): Promise<void>;
}

/** What a check works on. */
export type WorkingRows = RowReader & Pick<Rows, 'write'>;
