import type { FileHandle } from 'node:fs/promises';
import { CHUNK_OCTETS, MAX_LINE_OCTETS } from './limits.ts';

/** A line as it is in the file. */
export interface RawLine {
  /** Without the newline. Of a line that is too long, its beginning. */
  readonly octets: Buffer;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Where the next one begins. */
  readonly end: number;
  /** False for what follows the last newline. */
  readonly terminated: boolean;
  /** Longer than `MAX_LINE_OCTETS`: nothing that this log wrote. */
  readonly tooLong: boolean;
}

const NEWLINE = 0x0a;

/**
 * The lines of a file from `offset` on, those of one read at a time, in memory bounded by the longest line. The
 * octets are valid until the next step.
 */
export async function* rawLines(handle: FileHandle, offset = 0): AsyncGenerator<RawLine[]> {
  const chunk = Buffer.allocUnsafe(CHUNK_OCTETS);
  const open = new OpenLine(offset);
  for (let position = offset; ;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    const lines: RawLine[] = [];
    let start = 0;
    for (;;) {
      const newline = chunk.subarray(0, bytesRead).indexOf(NEWLINE, start);
      if (newline === -1) break;
      lines.push(open.close(chunk.subarray(start, newline), true));
      start = newline + 1;
    }
    open.add(chunk.subarray(start, bytesRead));
    position += bytesRead;
    yield lines;
  }
  if (!open.empty) yield [open.close(Buffer.alloc(0), false)];
}

/** What is known of a line whose end was not read yet. */
class OpenLine {
  #offset: number;
  #length = 0;
  #parts: Buffer[] = [];

  constructor(offset: number) {
    this.#offset = offset;
  }

  get empty(): boolean {
    return this.#length === 0;
  }

  add(part: Buffer): void {
    // Of a line that is too long already, no more is kept.
    if (part.length > 0 && this.#length <= MAX_LINE_OCTETS) this.#parts.push(Buffer.from(part));
    this.#length += part.length;
  }

  close(part: Buffer, terminated: boolean): RawLine {
    const length = this.#length + part.length;
    const end = this.#offset + length + (terminated ? 1 : 0);
    const octets = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
    const line = { octets, offset: this.#offset, end, terminated, tooLong: length > MAX_LINE_OCTETS };
    this.#offset = end;
    this.#length = 0;
    this.#parts = [];
    return line;
  }
}
