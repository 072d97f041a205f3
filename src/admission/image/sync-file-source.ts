import { readSync } from 'node:fs';

import type { ByteSource } from '../../bytes/byte-source.ts';
import { checkRange } from '../../bytes/range.ts';
import { OutOfBytes } from '../../bytes/reader.ts';
import { READ_OCTETS } from '../limits.ts';
import type { RingWriter } from './block-ring.ts';

/**
 * A file that somebody else has open and closes. Reads block the thread: in a thread of its own that is faster
 * than waiting, and the system reads ahead by itself.
 */
export class SyncFileSource implements ByteSource {
  readonly size: number;
  readonly #fd: number;
  readonly #onRead: (octets: number) => void;
  #ring: RingWriter | undefined;

  /** `onRead` is told of every piece that was read, and may take its time. */
  constructor(fd: number, size: number, onRead: (octets: number) => void) {
    this.#fd = fd;
    this.size = size;
    this.#onRead = onRead;
  }

  /** What is streamed from now on goes on to another thread, too. */
  share(ring: RingWriter): void {
    this.#ring = ring;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(offset, length, this.size);
    const octets = new Uint8Array(length);
    this.#fill(octets, offset);
    return octets;
  }

  async *stream(offset: number, length: number): AsyncIterable<Uint8Array> {
    checkRange(offset, length, this.size);
    const ring = this.#ring;
    const own = new Uint8Array(ring === undefined ? Math.min(READ_OCTETS, length) : 0);
    try {
      for (let start = offset; start < offset + length; start += READ_OCTETS) {
        const block = ring === undefined ? own : ring.block();
        const piece = block.subarray(0, Math.min(READ_OCTETS, offset + length - start));
        this.#fill(piece, start);
        ring?.publish(piece.length);
        yield piece;
      }
    } finally {
      ring?.end();
    }
  }

  async close(): Promise<void> {
    // The file belongs to whoever opened it.
  }

  #fill(into: Uint8Array, offset: number): void {
    for (let filled = 0; filled < into.length;) {
      const count = readSync(this.#fd, into, filled, into.length - filled, offset + filled);
      if (count === 0) throw new OutOfBytes('the file became shorter while it was read');
      filled += count;
      this.#onRead(count);
    }
  }
}
