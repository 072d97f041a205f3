import type { FileHandle } from 'node:fs/promises';
import { AdmissionError } from '../error.ts';
import { faultOf } from './chain-scan.ts';
import type { ChainEnd } from './chain-scan.ts';
import { checkpointFault } from './checkpoint.ts';
import { MAX_LOG_PROBLEMS } from './limits.ts';
import type { LogFile } from './log-files.ts';
import { publicLogKey, readPublicKey } from './log-key.ts';
import type { PublicLogKey } from './log-key.ts';
import { bodyText, formatLine, hashOfLine, parseLine, placeOf } from './log-line.ts';
import type { CheckpointLine, LinePlace, LogLine } from './log-line.ts';
import { OpenedLog } from './opened-log.ts';
import { rawLines } from './raw-lines.ts';
import type { RawLine } from './raw-lines.ts';

export interface LogProblem {
  /** Name of the file in the folder. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface LogReport {
  readonly files: number;
  readonly lines: number;
  readonly decisions: number;
  readonly events: number;
  readonly checkpoints: number;
  /** Greater than 1 when older files were removed. */
  readonly firstSeq?: number;
  /** Where the log ends: kept elsewhere, it proves later that nothing up to there was taken away. */
  readonly last?: ChainEnd;
  /** The newest checkpoint with a valid signature. */
  readonly signed?: { readonly seq: number; readonly time: string; readonly key: string };
  /** Lines after it. */
  readonly unsigned: number;
  /** Octets behind the last whole line: being written, or cut off by a crash. */
  readonly openOctets: number;
  /** In the order of the log, at most `MAX_LOG_PROBLEMS`. None: nobody changed what is signed. */
  readonly problems: readonly LogProblem[];
  readonly problemCount: number;
}

/**
 * Reads all of a log and checks every line against the one before it, and every checkpoint's signature with
 * `publicKey` (PEM) or else the key that lies in the folder, which proves less. A log that is being written can be
 * verified. Throws `NOT_FOUND` when there is no log and `BAD_LOG_KEY`.
 */
export async function verifyDecisionLog(
  folder: string,
  { publicKey }: { readonly publicKey?: string } = {},
): Promise<LogReport> {
  const log = await OpenedLog.at(folder);
  try {
    const { files } = log;
    if (files.length === 0) throw new AdmissionError('NOT_FOUND', `there is no decision log in ${folder}`);
    const pem = publicKey ?? (await readPublicKey(folder));
    const verification = new Verification(pem === undefined ? undefined : publicLogKey(pem));
    for (const [i, file] of files.entries()) {
      await verification.read(file, await log.open(file), i === files.length - 1);
    }
    return verification.report(files.length);
  } finally {
    await log.close();
  }
}

class Verification {
  readonly #key: PublicLogKey | undefined;
  #file = '';
  #line = 0;
  #end: ChainEnd | undefined;
  #firstSeq: number | undefined;
  #lastKind: LogLine['kind'] | undefined;
  #unsigned = 0;
  #openOctets = 0;
  #signed: LogReport['signed'];
  readonly #counts = { decision: 0, event: 0, checkpoint: 0, head: 0 };
  readonly #problems: LogProblem[] = [];
  #problemCount = 0;
  #lines = 0;

  constructor(key: PublicLogKey | undefined) {
    this.#key = key;
  }

  async read({ name, firstSeq }: LogFile, handle: FileHandle | undefined, isLast: boolean): Promise<void> {
    this.#file = name;
    this.#line = 0;
    this.#lastKind = undefined;
    if (handle === undefined) {
      this.#problem('the file was removed while the log was verified');
      return;
    }
    try {
      for await (const lines of rawLines(handle)) for (const line of lines) this.#add(line, isLast, firstSeq);
    } finally {
      await handle.close();
    }
    if (!isLast && this.#lastKind !== 'checkpoint') {
      this.#problem('the file does not end with a checkpoint, as every full one does');
    }
  }

  #add(raw: RawLine, isLast: boolean, firstSeq: number | undefined): void {
    this.#line += 1;
    if (!raw.terminated && isLast) {
      this.#openOctets = raw.end - raw.offset;
      return;
    }
    this.#lines += 1;
    this.#unsigned += 1;
    const place = raw.tooLong || !raw.terminated ? undefined : placeOf(raw.octets);
    this.#follow(place, raw.octets);
    if (place === undefined) {
      this.#lastKind = undefined;
      return;
    }
    if (this.#line === 1 && firstSeq !== undefined && place.seq !== firstSeq) {
      this.#problem(`the file has the name of another, its first line has number ${place.seq}`);
    }
    const line = parseLine(raw.octets);
    this.#lastKind = line?.kind;
    if (line === undefined) this.#problem(`it is not a line of kind ${place.kind}`);
    else this.#take(line, raw.octets);
  }

  #follow(place: LinePlace | undefined, octets: Buffer): void {
    const fault = faultOf(place, this.#end);
    if (fault !== undefined) this.#problem(fault);
    this.#end = { seq: place?.seq ?? (this.#end?.seq ?? 0) + 1, hash: hashOfLine(octets) };
    this.#firstSeq ??= this.#end.seq;
  }

  #take(line: LogLine, octets: Buffer): void {
    this.#counts[line.kind] += 1;
    if (line.kind !== 'checkpoint') return;
    const fault = this.#checkpointFault(line, octets);
    if (fault === undefined) {
      this.#unsigned = 0;
      this.#signed = { seq: line.seq, time: line.time, key: line.key };
    } else this.#problem(fault);
  }

  #checkpointFault(line: CheckpointLine, octets: Buffer): string | undefined {
    if (this.#key === undefined) return 'there is no public key to check the checkpoint with';
    const { kind, time, origin, key, sig } = line;
    // The last line has none after it whose hash would show that it was written in another way.
    const plain = formatLine(line, bodyText({ kind, time, origin, key, sig }));
    return plain.equals(octets)
      ? checkpointFault(line, this.#key)
      : 'the checkpoint is not written as it should be';
  }

  #problem(text: string): void {
    this.#problemCount += 1;
    if (this.#problems.length >= MAX_LOG_PROBLEMS) return;
    this.#problems.push({ file: this.#file, line: this.#line, text });
  }

  report(files: number): LogReport {
    const { decision, event, checkpoint } = this.#counts;
    return {
      files,
      lines: this.#lines,
      decisions: decision,
      events: event,
      checkpoints: checkpoint,
      ...(this.#firstSeq === undefined ? {} : { firstSeq: this.#firstSeq }),
      ...(this.#end === undefined ? {} : { last: this.#end }),
      ...(this.#signed === undefined ? {} : { signed: this.#signed }),
      unsigned: this.#unsigned,
      openOctets: this.#openOctets,
      problems: this.#problems,
      problemCount: this.#problemCount,
    };
  }
}
