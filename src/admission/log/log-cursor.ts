import { stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { LogFile } from './log-files.ts';
import { parseLine, placeOf } from './log-line.ts';
import type { LogLine } from './log-line.ts';
import { OpenedLog } from './opened-log.ts';
import { rawLines } from './raw-lines.ts';
import type { RawLine } from './raw-lines.ts';

/** A line that cannot be read, by its place. */
export type OnUnreadable = (file: string, line: number) => void;

interface Place {
  readonly inode: bigint;
  /** Where the next line begins. */
  readonly offset: number;
  /** Lines before it. */
  readonly lines: number;
}

/** Whether anybody wants a line, by its octets. */
export type Worth = (octets: Buffer) => boolean;

/**
 * A place in a log, which moves on as lines are read, across files. Files may be renamed, added and removed
 * between two reads. A line that is still being written is not seen.
 */
export class LogCursor {
  readonly #folder: string;
  readonly #onUnreadable: OnUnreadable;
  /** Lines with smaller numbers were read, or are not wanted. */
  #fromSeq: number;
  #nextSeq: number;
  #place: Place | undefined;

  /** Begins with the first line whose number is at least `fromSeq`. */
  constructor(
    folder: string,
    { fromSeq = 1, onUnreadable }: { fromSeq?: number; onUnreadable?: OnUnreadable },
  ) {
    this.#folder = folder;
    this.#fromSeq = fromSeq;
    this.#nextSeq = fromSeq;
    this.#onUnreadable = onUnreadable ?? (() => undefined);
  }

  /** Number of the first line that was not read yet. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The lines from here to the end that the log has now, those of one read at a time; only those of `worth`. */
  async *read(worth: Worth = () => true): AsyncGenerator<LogLine[]> {
    const log = await OpenedLog.at(this.#folder);
    try {
      for (const file of await this.#ahead(log)) {
        const handle = await log.open(file);
        if (handle === undefined) continue;
        try {
          yield* this.#readFile(handle, file, worth);
        } finally {
          await handle.close();
        }
      }
    } finally {
      await log.close();
    }
  }

  /** The file that the cursor is in and those after it; when it is gone, those that may have lines it has not seen. */
  async #ahead(log: OpenedLog): Promise<readonly LogFile[]> {
    const { files } = log;
    if (this.#place !== undefined) {
      for (const [i, file] of files.entries()) {
        if ((await inodeOf(log, file)) === this.#place.inode) return files.slice(i);
      }
      this.#lose();
    }
    // A file begins where the one before it ended.
    const first = files.findLastIndex(({ firstSeq }) => firstSeq !== undefined && firstSeq <= this.#nextSeq);
    return files.slice(Math.max(0, first));
  }

  /** From now on only the numbers say what was read already. */
  #lose(): void {
    this.#place = undefined;
    this.#fromSeq = this.#nextSeq;
  }

  async *#readFile(handle: FileHandle, file: LogFile, worth: Worth): AsyncGenerator<LogLine[]> {
    const { ino: inode, size } = await handle.stat({ bigint: true });
    // What a crash left of a line was cut off.
    if (this.#place?.inode === inode && BigInt(this.#place.offset) > size) this.#lose();
    if (this.#place?.inode !== inode) this.#place = { inode, offset: 0, lines: 0 };
    for await (const raw of rawLines(handle, this.#place.offset)) {
      const lines = raw.map((line) => this.#take(line, file, worth)).filter((line) => line !== undefined);
      if (lines.length > 0) yield lines;
    }
  }

  #take({ octets, end, terminated, tooLong }: RawLine, file: LogFile, worth: Worth): LogLine | undefined {
    if (!terminated || this.#place === undefined) return undefined;
    this.#place = { ...this.#place, offset: end, lines: this.#place.lines + 1 };
    const place = tooLong ? undefined : placeOf(octets);
    if (place !== undefined) {
      if (place.seq < this.#fromSeq) return undefined;
      this.#nextSeq = place.seq + 1;
      if (!worth(octets)) return undefined;
    }
    const line = place === undefined ? undefined : parseLine(octets);
    if (line === undefined) this.#onUnreadable(file.name, this.#place.lines);
    return line;
  }
}

async function inodeOf(log: OpenedLog, file: LogFile): Promise<bigint | undefined> {
  if (file.firstSeq === undefined) return (await (await log.open(file))?.stat({ bigint: true }))?.ino;
  return stat(file.path, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );
}
