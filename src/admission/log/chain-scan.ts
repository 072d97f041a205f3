import type { FileHandle } from 'node:fs/promises';
import { hashOfLine, jsonOf, placeOf } from './log-line.ts';
import type { LinePlace } from './log-line.ts';
import type { RawLine } from './raw-lines.ts';
import { rawLines } from './raw-lines.ts';

/** Where a chain has got to: the last line and its hash. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainScan {
  /** After the last line of the file, whether it fits or not, unless it is torn: what comes next is chained to it. */
  readonly end: ChainEnd | undefined;
  /** Number of the first line, when it says so. */
  readonly firstSeq: number | undefined;
  /** Octets up to the end of the last line that fits. */
  readonly soundOctets: number;
  /** Number of the last checkpoint that fits; 0: there is none. Its signature is not looked at. */
  readonly signedSeq: number;
  /** What follows the last sound line is the rest of one write that a crash cut off. */
  readonly torn: boolean;
  /** The first line that does not fit, and why. */
  readonly broken?: { readonly line: number; readonly reason: string };
}

/**
 * Follows the chain through a file. `before` is where the file before it ended; undefined: whatever the first
 * line says is believed.
 */
export async function scanChain(handle: FileHandle, before: ChainEnd | undefined): Promise<ChainScan> {
  const scan = new Scan(before);
  for await (const lines of rawLines(handle)) for (const line of lines) scan.add(line);
  return scan.result();
}

interface Sound {
  readonly end: ChainEnd | undefined;
  readonly octets: number;
  readonly signedSeq: number;
}

class Scan {
  /** Up to the last line that fits, and up to the one before it. */
  #sound: Sound;
  #soundBefore: Sound;
  #lastSound: Buffer | undefined;
  /** After the last line, whether it fits or not. */
  #end: ChainEnd | undefined;
  #firstSeq: number | undefined;
  #lines = 0;
  #broken: { line: number; reason: string } | undefined;
  #torn = false;

  constructor(before: ChainEnd | undefined) {
    this.#end = before;
    this.#sound = { end: before, octets: 0, signedSeq: 0 };
    this.#soundBefore = this.#sound;
  }

  add(line: RawLine): void {
    this.#lines += 1;
    if (!line.terminated) {
      // Behind a line that does not fit, it changes nothing.
      if (this.#broken === undefined) this.#break('the line is not complete', true);
      return;
    }
    const place = line.tooLong ? undefined : placeOf(line.octets);
    if (this.#lines === 1) this.#firstSeq = place?.seq;
    if (this.#broken !== undefined) {
      this.#torn = false;
      this.#passOver(line);
      return;
    }
    const fault = faultOf(place, this.#end);
    if (place === undefined || fault !== undefined) {
      this.#break(fault ?? NOT_A_LINE, place === undefined || jsonOf(line.octets) === undefined);
      this.#passOver(line);
      return;
    }
    this.#end = { seq: place.seq, hash: hashOfLine(line.octets) };
    this.#soundBefore = this.#sound;
    const signedSeq = place.kind === 'checkpoint' ? place.seq : this.#sound.signedSeq;
    this.#sound = { end: this.#end, octets: line.end, signedSeq };
    this.#lastSound = Buffer.from(line.octets);
  }

  /** A line that does not fit has the number that it would have. */
  #passOver(line: RawLine): void {
    this.#end = { seq: (this.#end?.seq ?? 0) + 1, hash: hashOfLine(line.octets) };
  }

  #break(reason: string, torn: boolean): void {
    this.#broken = { line: this.#lines, reason };
    this.#torn = torn;
  }

  /** Lines are known by their beginnings; the last one has no next one whose hash would show that it is whole. */
  #checkLast(): void {
    if (this.#lastSound === undefined || jsonOf(this.#lastSound) !== undefined) return;
    if (this.#broken === undefined) this.#break('the line is not complete', true);
    else if (this.#torn) this.#broken = { line: this.#broken.line - 1, reason: 'the line is not complete' };
    else return;
    this.#sound = this.#soundBefore;
  }

  result(): ChainScan {
    this.#checkLast();
    return {
      end: this.#torn ? this.#sound.end : this.#end,
      firstSeq: this.#firstSeq,
      soundOctets: this.#sound.octets,
      signedSeq: this.#sound.signedSeq,
      torn: this.#torn,
      ...(this.#broken === undefined ? {} : { broken: this.#broken }),
    };
  }
}

const NOT_A_LINE = 'it is not a line of a decision log';

/** Why a line does not follow `end`. */
export function faultOf(place: LinePlace | undefined, end: ChainEnd | undefined): string | undefined {
  if (place === undefined) return NOT_A_LINE;
  if (end === undefined) return undefined;
  if (place.seq !== end.seq + 1) return `it has number ${place.seq}, not ${end.seq + 1}`;
  return place.prev === end.hash ? undefined : 'the line before it is not the one that it was chained to';
}
