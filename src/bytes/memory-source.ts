import type { ByteSource } from './byte-source.ts';
import { checkRange } from './range.ts';

/** Octets in memory as a `ByteSource`. */
export class MemorySource implements ByteSource {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(offset, length, this.size);
    return this.#bytes.slice(offset, offset + length);
  }

  async *stream(offset: number, length: number): AsyncIterable<Uint8Array> {
    checkRange(offset, length, this.size);
    if (length > 0) yield this.#bytes.subarray(offset, offset + length);
  }

  async close(): Promise<void> {
    // There is nothing to give back.
  }
}
