import { KeystoreError } from './error.ts';
import type { ChangeKind } from './keystore.ts';
import { MAX_BATCH_OCTETS } from './limits.ts';
import { HEAD_KEY, logKey, writeChange, writeHead } from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { Rows, RowWrite } from './rows.ts';

/** A line of the change log that is yet to be numbered and dated. */
export interface Logged {
  readonly kind: ChangeKind;
  readonly fingerprint: Buffer;
  /** SHA-256 of the certificate's new bytes; absent when there are none. */
  readonly digest?: Buffer;
}

/** What is to be written together. */
export interface Commit {
  /** Undefined for what the change log does not tell. */
  readonly logged: Logged | undefined;
  /** What it adds to the number of certificates. */
  readonly certificates: -1 | 0 | 1;
  /** Length of the larger part of its rows, so that a batch is not filled too much. */
  readonly octets: number;
  /** All rows but that of the log; `sequence` is the number of its line there. */
  rows(sequence: number): readonly RowWrite[];
}

interface Waiting {
  readonly commit: Commit;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Numbers changes and writes them, each with everything that belongs to it, in batches: those that wait
 * while one batch is on its way to the disk go together in the next.
 */
export class CommitQueue {
  readonly #rows: Rows;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  #head: Head;
  #writing = false;
  #broken: KeystoreError | undefined;

  constructor(rows: Rows, head: Head, now: () => number) {
    this.#rows = rows;
    this.#head = head;
    this.#now = now;
  }

  /** The store's figures as of the newest durable batch. */
  get head(): Head {
    return this.#head;
  }

  /** Resolves when the change is durable; throws `WRITE_FAILED`. */
  async add(commit: Commit): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ commit, done, failed });
      if (!this.#writing) void this.#drain();
    });
  }

  /** Throws `WRITE_FAILED` when nothing more can be written until the store is opened again. */
  assertWhole(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Never rejects: each failure goes to those who wait for it. */
  async #drain(): Promise<void> {
    this.#writing = true;
    for (let group = this.#nextGroup(); group.length > 0; group = this.#nextGroup()) {
      try {
        this.assertWhole();
        await this.#write(group);
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.#writing = false;
  }

  #nextGroup(): Waiting[] {
    let octets = 0;
    let count = 0;
    for (const { commit } of this.#waiting) {
      octets += commit.octets;
      if (count > 0 && octets > MAX_BATCH_OCTETS) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    let { sequence, certificates } = this.#head;
    // A clock that was set back must not make the log run backwards.
    const time = Math.max(this.#head.time, Math.floor(this.#now()));
    const batch: RowWrite[] = [];
    for (const { commit } of group) {
      const { logged } = commit;
      if (logged !== undefined) {
        sequence += 1;
        const line = writeChange(time, logged.kind, logged.digest, logged.fingerprint);
        batch.push({ key: logKey(sequence), value: line });
      }
      certificates += commit.certificates;
      batch.push(...commit.rows(sequence));
    }
    const changed = sequence !== this.#head.sequence;
    const head: Head = changed ? { sequence, certificates, time } : this.#head;
    if (changed) batch.push({ key: HEAD_KEY, value: writeHead(head) });
    try {
      await this.#rows.write(batch);
    } catch (error) {
      // LevelDB's log may now end in half a record, behind which a later one would be lost at the next
      // start although it was acknowledged. Only opening the database again makes a sound log.
      this.#broken = new KeystoreError(
        'WRITE_FAILED',
        'An earlier write to the keystore failed; it answers searches but takes nothing new. ' +
          'See that the disk has room and works, then restart.',
        { cause: error },
      );
      throw error;
    }
    this.#head = head;
  }
}
