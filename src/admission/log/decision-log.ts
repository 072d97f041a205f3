import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AdmissionError } from '../error.ts';
import { openStateDb } from '../state-db.ts';
import type { StateDb } from '../table.ts';
import { ChainFile } from './chain-file.ts';
import type { LineMaker } from './chain-file.ts';
import type { ChainEnd } from './chain-scan.ts';
import { checkpointBody } from './checkpoint.ts';
import { logDisk } from './log-disk.ts';
import type { LogDisk } from './log-disk.ts';
import { LOCK_FOLDER, NEWEST } from './log-files.ts';
import { openLogKey } from './log-key.ts';
import type { LogKey } from './log-key.ts';
import { bodyText, LOG_VERSION } from './log-line.ts';
import { recordText } from './logged-record.ts';
import type { DecisionLog, LogPosition, LogRecord } from './record.ts';
import { recoverLog } from './recover-log.ts';
import type { Recovered, Repair } from './recover-log.ts';
import { exchangeNewest, makeRoom, openNewest, removeOldest } from './rotate-log.ts';
import { settle, unwritable } from './waiting-line.ts';
import type { WaitingLine } from './waiting-line.ts';

export interface DecisionLogOptions {
  /** Milliseconds since 1970; for the times of lines and when a checkpoint is due. */
  readonly now: () => number;
  /** Name of the host: it is signed with each checkpoint. */
  readonly origin: string;
  /** `each`: a line is on the disk before it counts as written; `batched`: within a second. */
  readonly sync: 'batched' | 'each';
  /** A file of so many octets is full. */
  readonly rotateOctets: number;
  /** Full files that stay, the newest ones; 0: all. */
  readonly keep: number;
  /** Milliseconds between two signed checkpoints, while there is something to sign. */
  readonly checkpointEvery: number;
  /** What goes wrong without anybody waiting for it; once until it goes right again. */
  readonly onProblem: (error: AdmissionError) => void;
}

/** Milliseconds within which a line is on the disk. */
const SYNC_EVERY = 1000;
/** The longest that a timer can wait (Node.js: 2³¹ − 1 ms). */
const LONGEST_TIMER = 2_147_483_647;

/**
 * Opens the log in a folder, which is made when it is missing. A log that a crash cut off goes on behind its last
 * whole line; one that was changed is set aside and a new file goes on: both are told by a line `log_repaired`, the
 * latter also to `onProblem`. Throws `LOCKED` when another process writes it, `STATE_UNUSABLE`, `BAD_LOG_KEY` and
 * `LOG_UNWRITABLE`.
 */
export async function openDecisionLog(
  folder: string,
  options: DecisionLogOptions,
  disk: LogDisk = logDisk,
): Promise<DecisionLog> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw unwritable(cause);
  });
  // The system lets go of LevelDB's lock when its holder dies; Node.js has no other lock that is so.
  const lock = await openStateDb(join(folder, LOCK_FOLDER));
  try {
    const recovered = await recoverLog(folder);
    const key = await openLogKey(folder);
    const log = new ChainedLog(folder, { ...options, disk, key, lock, recovered });
    await log.begin(recovered);
    return log;
  } catch (cause) {
    await lock.close();
    throw cause instanceof AdmissionError ? cause : unwritable(cause);
  }
}

interface Parts extends DecisionLogOptions {
  readonly disk: LogDisk;
  readonly key: LogKey;
  readonly lock: StateDb;
  readonly recovered: Recovered;
}

class ChainedLog implements DecisionLog {
  readonly #folder: string;
  readonly #parts: Parts;
  #file: ChainFile;
  /** Number of the first line of the newest file. */
  #firstSeq: number;
  #signedSeq: number;
  #signedAt: number;
  /** Lines that come before any other: the first of a file, and what was repaired. */
  #intro: string[] = [];
  #waiting: WaitingLine[] = [];
  #draining: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  readonly #checkpointTimer: NodeJS.Timeout;
  #lastProblem = '';
  #closing: Promise<void> | undefined;

  constructor(folder: string, parts: Parts) {
    const { end, octets, firstSeq, signedSeq } = parts.recovered;
    this.#folder = folder;
    this.#parts = parts;
    this.#file = this.#chainFile(openNewest(folder), end, octets);
    this.#firstSeq = firstSeq ?? end.seq + 1;
    this.#signedSeq = signedSeq;
    this.#signedAt = parts.now();
    const every = Math.min(parts.checkpointEvery, LONGEST_TIMER);
    this.#checkpointTimer = setInterval(() => this.#schedule(), every).unref();
  }

  get position(): number {
    return this.#file.mark.end.seq;
  }

  /** Writes what comes before everything else. On a full disk it is written with the first line that can be. */
  async begin({ octets, repairs }: Recovered): Promise<void> {
    if (octets === 0) this.#intro.push(this.#headText());
    for (const repair of repairs) this.#tellRepair(repair);
    if (this.#parts.key.made && this.position > 0) this.#tellRepair({ problem: 'new key' });
    await this.#write([]);
  }

  append(record: LogRecord): Promise<LogPosition> {
    if (this.#closing !== undefined) return Promise.reject(unwritable(new Error('it is closed')));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text: recordText(record), resolve, reject });
      this.#schedule();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#checkpointTimer);
    await this.#draining;
    clearTimeout(this.#syncTimer);
    await this.#syncing;
    this.#sign();
    await this.#file.sync().catch((error: unknown) => this.#report(error));
    this.#file.close();
    await this.#parts.lock.close();
  }

  /** At the end of this turn of the event loop; lines that come while a write is under way follow it. */
  #schedule(): void {
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    do {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch);
      } catch (failure) {
        settle(batch, { lines: 0, failure }, { before: this.#file.mark.end, intro: 0 });
        this.#report(failure);
      }
    } while (this.#waiting.length > 0);
    this.#draining = undefined;
  }

  async #write(batch: readonly WaitingLine[]): Promise<void> {
    if (this.#file.broken() !== undefined) this.#beginAgain();
    const before = this.#file.mark;
    const intro = this.#intro.length;
    const signs = this.#checkpointIsDue();
    const makers = [...this.#intro, ...batch.map(({ text }) => text)].map(
      (text): LineMaker =>
        () =>
          text,
    );
    let written = this.#file.append(signs ? [...makers, this.#checkpoint] : makers);
    if (this.#parts.sync === 'each' && written.lines > 0) {
      written = await this.#file.sync().then(
        () => written,
        (failure: unknown) => {
          this.#file.goBack(before);
          return { lines: 0, failure };
        },
      );
    }
    this.#intro.splice(0, written.lines);
    if (signs && written.lines > makers.length) this.#signed();
    settle(batch, written, { before: before.end, intro });
    if (written.failure !== undefined) this.#report(written.failure);
    else this.#wrote();
  }

  #wrote(): void {
    this.#lastProblem = '';
    if (this.#parts.sync === 'batched') this.#syncSoon();
    if (this.#file.mark.octets >= this.#parts.rotateOctets) this.#rotate();
  }

  #syncSoon(): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      this.#syncing = this.#file.sync().catch((error: unknown) => this.#report(error));
    }, SYNC_EVERY).unref();
  }

  #checkpointIsDue(): boolean {
    const { now, checkpointEvery } = this.#parts;
    // A clock that was put back must not put off the next one for as long.
    return Math.abs(now() - this.#signedAt) >= checkpointEvery && this.position > this.#signedSeq;
  }

  readonly #checkpoint: LineMaker = (place) =>
    checkpointBody(place, { key: this.#parts.key, origin: this.#parts.origin, time: this.#time() });

  #signed(): void {
    this.#signedSeq = this.position;
    this.#signedAt = this.#parts.now();
  }

  /** Signs what is not signed yet; false: it could not. */
  #sign(): boolean {
    if (this.position === this.#signedSeq) return true;
    const { failure } = this.#file.append([this.#checkpoint]);
    if (failure === undefined) this.#signed();
    else this.#report(failure);
    return failure === undefined;
  }

  /** A full file ends with a checkpoint, so that nobody can take its checkpoints out without being seen. */
  #rotate(): void {
    if (!this.#sign()) return;
    const full = this.#file;
    try {
      full.syncNow();
      this.#replace(exchangeNewest(this.#folder, this.#firstSeq));
    } catch (error) {
      this.#report(error);
      return;
    }
    const { failure } = this.#file.append(this.#intro.map((text) => () => text));
    if (failure === undefined) this.#intro = [];
    const { keep } = this.#parts;
    if (keep > 0) void removeOldest(this.#folder, keep).catch((error: unknown) => this.#report(error));
  }

  /** Goes on in the empty file `fd`. */
  #replace(fd: number): void {
    const { end } = this.#file.mark;
    this.#file.close();
    this.#file = this.#chainFile(fd, end, 0);
    this.#firstSeq = end.seq + 1;
    this.#intro = [this.#headText()];
  }

  /** Somebody else wrote to the newest file, or took it away. What is there is kept, and a new file goes on. */
  #beginAgain(): void {
    const reason = this.#file.broken() ?? '';
    const aside = makeRoom(this.#folder, { firstSeq: this.#firstSeq, lastSeq: this.position });
    this.#replace(openNewest(this.#folder));
    this.#tellRepair({
      problem: aside === undefined ? 'removed' : 'broken',
      file: aside ?? NEWEST,
      reason,
    });
  }

  #tellRepair(repair: Repair): void {
    this.#intro.push(bodyText({ kind: 'event', event: 'log_repaired', time: this.#time(), fields: repair }));
    if (repair.problem === 'torn') return;
    const { problem, file = '', line = 0, reason = '' } = repair;
    const message =
      problem === 'new key'
        ? 'the key that signed the decision log is gone; a new one was made'
        : `the decision log is broken at ${join(this.#folder, String(file))}:${line}: ${reason}`;
    this.#parts.onProblem(new AdmissionError('LOG_BROKEN', message));
  }

  #headText(): string {
    const { origin } = this.#parts;
    return bodyText({ kind: 'head', version: LOG_VERSION, origin, time: this.#time() });
  }

  #time(): string {
    return new Date(this.#parts.now()).toISOString();
  }

  #chainFile(fd: number, end: ChainEnd, octets: number): ChainFile {
    const path = join(this.#folder, NEWEST);
    return new ChainFile(fd, { path, mark: { end, octets }, disk: this.#parts.disk });
  }

  #report(cause: unknown): void {
    const error = cause instanceof AdmissionError ? cause : unwritable(cause);
    if (error.message === this.#lastProblem) return;
    this.#lastProblem = error.message;
    this.#parts.onProblem(error);
  }
}
