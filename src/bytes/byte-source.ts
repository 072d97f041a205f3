/** Octets that can be read anywhere: a file, or memory. Reads are never short. */
export interface ByteSource {
  /** Octets there are; does not change while the source is open. */
  readonly size: number;

  /**
   * The `length` octets at `offset`, in an array of their own. Throws `OutOfBytes` when the source does not
   * hold all of them. The caller bounds `length`: that much is allocated.
   */
  read(offset: number, length: number): Promise<Uint8Array>;

  /**
   * The same octets piece by piece, in bounded memory. A piece is valid until the next one is asked for.
   * Throws `OutOfBytes` at the first piece when the range is not within the source, and later when the
   * octets have gone meanwhile.
   */
  stream(offset: number, length: number): AsyncIterable<Uint8Array>;

  close(): Promise<void>;
}
