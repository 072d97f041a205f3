import type { Commit } from './commit.ts';
import { batchOf } from './commits.ts';
import type { Commits } from './commits.ts';
import { KeystoreError } from './error.ts';
import type { Head } from './row-layout.ts';
import type { Rows } from './rows.ts';

/** The only writer of its rows: it knows the figures, and that what was seen under a lock is still so. */
export class AloneCommits implements Commits {
  readonly shared = false;
  readonly #rows: Rows;
  readonly #now: () => number;
  #head: Head;
  #broken: KeystoreError | undefined;

  constructor(rows: Rows, head: Head, now: () => number) {
    this.#rows = rows;
    this.#head = head;
    this.#now = now;
  }

  async head(): Promise<Head> {
    return this.#head;
  }

  async store(group: readonly Commit[]): Promise<readonly boolean[]> {
    this.#assertWhole();
    const { batch, head } = batchOf(group, this.#head, this.#now());
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
    return group.map(() => true);
  }

  async ready(): Promise<void> {
    this.#assertWhole();
  }

  #assertWhole(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }
}
