import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';
import { checkRange } from './range.ts';
import { OutOfBytes } from './reader.ts';

/** Octets read at a time by `stream`. */
const CHUNK = 256 * 1024;

/** A regular file as a `ByteSource`, as long as it was when it was opened. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /**
   * Opens a file for reading. Never waits for the other end of a FIFO: what is not a regular file is refused
   * with a `NotAFile`; errors of the system are thrown as they are. A symbolic link is followed unless
   * `followLinks` is false (then `ELOOP`).
   */
  static async open(
    path: string,
    { followLinks = true }: { followLinks?: boolean } = {},
  ): Promise<FileSource> {
    const links = followLinks ? 0 : constants.O_NOFOLLOW;
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | links);
    try {
      return await FileSource.of(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Reads through a handle that is open already; `close` closes it. */
  static async of(file: FileHandle): Promise<FileSource> {
    const found = await file.stat();
    if (!found.isFile()) throw new NotAFile('not a regular file');
    return new FileSource(file, found.size);
  }

  /** The open file, to ask the system about it. */
  get handle(): FileHandle {
    return this.#file;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(offset, length, this.size);
    const bytes = new Uint8Array(length);
    await this.#fill(bytes, offset);
    return bytes;
  }

  /** Reads the next piece while the last is worked on: hashing and reading take about the same time. */
  async *stream(offset: number, length: number): AsyncIterable<Uint8Array> {
    checkRange(offset, length, this.size);
    const end = offset + length;
    const buffers = [0, 1].map(() => new Uint8Array(Math.min(CHUNK, length)));
    const fill = async (start: number): Promise<Uint8Array> => {
      const buffer = buffers[((start - offset) / CHUNK) % 2] ?? new Uint8Array();
      const piece = buffer.subarray(0, Math.min(CHUNK, end - start));
      await this.#fill(piece, start);
      return piece;
    };
    const readAhead = (start: number): Promise<Uint8Array> | undefined => {
      const reading = start < end ? fill(start) : undefined;
      // It may fail before anybody waits for it; whoever does is told.
      reading?.catch(() => undefined);
      return reading;
    };
    let next = readAhead(offset);
    for (let start = offset; next !== undefined; start += CHUNK) {
      const piece = await next;
      next = readAhead(start + CHUNK);
      yield piece;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** One read of the system may give less than there is. */
  async #fill(into: Uint8Array, offset: number): Promise<void> {
    for (let filled = 0; filled < into.length;) {
      const { bytesRead } = await this.#file.read(into, filled, into.length - filled, offset + filled);
      if (bytesRead === 0) throw new OutOfBytes('the file became shorter while it was read');
      filled += bytesRead;
    }
  }
}

/** Thrown for a folder, device, FIFO or socket where a regular file is wanted. */
export class NotAFile extends Error {}
