import { closeSync, fdatasyncSync, fstatSync } from 'node:fs';
import type { ChainEnd } from './chain-scan.ts';
import type { LogDisk } from './log-disk.ts';
import { formatLine, hashOfLine } from './log-line.ts';
import type { LinePlace } from './log-line.ts';

/** The body of a line, as text; what it says may depend on where it stands. */
export type LineMaker = (place: LinePlace) => string;

export interface Written {
  /** How many of the lines are in the file, whole. */
  readonly lines: number;
  /** Why the others are not. */
  readonly failure?: unknown;
}

/** A state of the file that can be gone back to. */
export interface ChainMark {
  readonly end: ChainEnd;
  readonly octets: number;
}

/**
 * The newest file of a log, open for writing. It holds whole lines only: what a failed write left of one is cut
 * off before anything else is written.
 */
export class ChainFile {
  readonly path: string;
  readonly #fd: number;
  readonly #disk: LogDisk;
  readonly #inode: bigint;
  #mark: ChainMark;
  /** There may be octets behind the last whole line. */
  #ragged = false;

  /** Takes over `fd`, a file of `mark.octets` octets whose last line is `mark.end`. */
  constructor(fd: number, { path, mark, disk }: { path: string; mark: ChainMark; disk: LogDisk }) {
    this.path = path;
    this.#fd = fd;
    this.#disk = disk;
    this.#mark = mark;
    this.#inode = fstatSync(fd, { bigint: true }).ino;
  }

  get mark(): ChainMark {
    return this.#mark;
  }

  /** What somebody else did to the file, to which nobody else writes; undefined: nothing. */
  broken(): string | undefined {
    const found = this.#disk.stat(this.path);
    if (found?.inode !== this.#inode) return 'another program removed or replaced it';
    const { octets } = this.#mark;
    const same = this.#ragged ? found.size >= octets : found.size === BigInt(octets);
    return same ? undefined : 'another program changed it';
  }

  /** Adds lines with one write. */
  append(makers: readonly LineMaker[]): Written {
    const marks: ChainMark[] = [];
    try {
      this.#smooth();
      const octets = this.#chained(makers, marks);
      this.#write(octets);
      this.#mark = marks.at(-1) ?? this.#mark;
      return { lines: marks.length };
    } catch (failure) {
      return { lines: this.#keepWhole(marks), failure };
    }
  }

  sync(): Promise<void> {
    return this.#disk.sync(this.#fd);
  }

  /** Takes back the lines written since. */
  goBack(mark: ChainMark): void {
    this.#mark = mark;
    this.#ragged = true;
  }

  syncNow(): void {
    fdatasyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Lines in their places, and in `marks` the state after each. */
  #chained(makers: readonly LineMaker[], marks: ChainMark[]): Buffer {
    const pieces: Buffer[] = [];
    let { end, octets } = this.#mark;
    for (const make of makers) {
      const place = { seq: end.seq + 1, prev: end.hash };
      const line = formatLine(place, make(place));
      end = { seq: place.seq, hash: hashOfLine(line) };
      octets += line.length + 1;
      pieces.push(line, NEWLINE);
      marks.push({ end, octets });
    }
    return Buffer.concat(pieces);
  }

  #write(octets: Buffer): void {
    this.#ragged = true;
    for (let done = 0; done < octets.length;) {
      done += this.#disk.write(this.#fd, octets, done, this.#mark.octets + done);
    }
    this.#ragged = false;
  }

  /** After a failed write: the lines that are whole stay, since somebody may have read them already. */
  #keepWhole(marks: readonly ChainMark[]): number {
    if (!this.#ragged) return 0;
    try {
      const { size } = fstatSync(this.#fd);
      const whole = marks.filter(({ octets }) => octets <= size);
      this.#mark = whole.at(-1) ?? this.#mark;
      return whole.length;
    } finally {
      this.#trySmooth();
    }
  }

  #trySmooth(): void {
    try {
      this.#smooth();
    } catch {
      // It is tried again before the next line.
    }
  }

  #smooth(): void {
    if (!this.#ragged) return;
    this.#disk.truncate(this.#fd, this.#mark.octets);
    this.#ragged = false;
  }
}

const NEWLINE = Buffer.from('\n');
