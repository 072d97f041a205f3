/** A durable map from text to JSON values; `state-db.ts` keeps them in LevelDB, tests in memory. */
export interface Table<Value> {
  get(key: string): Promise<Value | undefined>;
  /** With `sync` it is on the disk when the promise resolves; without, within seconds. */
  put(key: string, value: Value, options?: { readonly sync?: boolean }): Promise<void>;
  delete(key: string): Promise<void>;
  /** In the order of keys (by UTF-8), from the first that is not before `from`. */
  entries(from?: string): AsyncIterable<readonly [string, Value]>;
}

/** The tables of one daemon. */
export interface StateDb {
  /** The values of a table are read as they were written: who opens it, gives the type. */
  table<Value>(name: string): Table<Value>;
  /**
   * Octets of the newest writes that were found damaged when it was opened, and are lost: what is there may be of
   * before, some of it. Told once.
   */
  readonly dropped: number;
  close(): Promise<void>;
}
