import type { CheckReport, Finding } from './finding.ts';
import type { Term } from './keystore.ts';
import { MAX_FINDINGS_KEPT } from './limits.ts';
import { factsKey, logKey, writeChange, writeFacts } from './row-layout.ts';
import type { RowWrite, WorkingRows } from './rows.ts';

export interface CheckOptions {
  /** Milliseconds since 1970; the times of changes that a repair logs. */
  readonly now: () => number;
  /** Write what can be repaired. Certificates and changes are never deleted. */
  readonly repair?: boolean;
  /** The terms a certificate is to be found by; throws when it cannot be read. Absent: those stored count. */
  readonly terms?: (bytes: Uint8Array, fingerprint: string) => readonly Term[] | Promise<readonly Term[]>;
  /** Told after each step how many rows were looked at. */
  readonly progress?: (rows: number) => void;
}

/** A change that is in the log, or is to be appended to it. */
export interface LogEnd {
  readonly sequence: number;
  readonly time: number;
}

/** What one check has found and is about to repair. */
export class CheckSession {
  readonly rows: WorkingRows;
  readonly options: CheckOptions;
  /** The end of the log when the check began. */
  readonly logEnd: LogEnd;
  certificates = 0;
  indexEntries = 0;
  changes = 0;
  tombstones = 0;
  documents = 0;
  #newest: LogEnd;
  #batch: RowWrite[] = [];
  #seen = 0;
  #found = 0;
  #repaired = 0;
  readonly #findings: Finding[] = [];

  constructor(rows: WorkingRows, options: CheckOptions, logEnd: LogEnd) {
    this.rows = rows;
    this.options = options;
    this.logEnd = logEnd;
    this.#newest = logEnd;
  }

  /** The end of the log with what repairs have added. */
  get newest(): LogEnd {
    return this.#newest;
  }

  /** Notes what was found. With `repair` the rows that put it right are written at the end of the step. */
  found(finding: Omit<Finding, 'repair'>, repair?: () => readonly RowWrite[]): void {
    this.#found += 1;
    const done = repair !== undefined && this.options.repair === true;
    if (done) {
      this.#batch.push(...repair());
      this.#repaired += 1;
    }
    if (this.#findings.length >= MAX_FINDINGS_KEPT) return;
    const outcome = done ? 'done' : repair === undefined ? 'impossible' : 'possible';
    this.#findings.push({ ...finding, repair: outcome });
  }

  /** Rows that log the certificate as changed now, with these terms. */
  loggedAgain(fingerprint: Buffer, digest: Buffer, terms: Buffer): RowWrite[] {
    const { sequence, time } = this.#next();
    return [
      { key: logKey(sequence), value: writeChange(time, 'updated', digest, fingerprint) },
      { key: factsKey(fingerprint), value: writeFacts(sequence, terms) },
    ];
  }

  /** The row that logs a key as removed now. */
  loggedRemoval(fingerprint: Buffer): RowWrite[] {
    const { sequence, time } = this.#next();
    return [{ key: logKey(sequence), value: writeChange(time, 'removed', undefined, fingerprint) }];
  }

  /** Ends a step that looked at so many rows: writes its repairs. */
  async step(rows: number): Promise<void> {
    this.#seen += rows;
    if (this.#batch.length > 0) {
      await this.rows.write(this.#batch);
      this.#batch = [];
    }
    this.options.progress?.(this.#seen);
  }

  #next(): LogEnd {
    const time = Math.max(this.#newest.time, Math.floor(this.options.now()));
    this.#newest = { sequence: this.#newest.sequence + 1, time };
    return this.#newest;
  }

  report(): CheckReport {
    return {
      certificates: this.certificates,
      indexEntries: this.indexEntries,
      changes: this.changes,
      tombstones: this.tombstones,
      documents: this.documents,
      findings: this.#findings,
      found: this.#found,
      repaired: this.#repaired,
    };
  }
}
