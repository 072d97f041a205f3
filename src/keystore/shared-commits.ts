import type { Commit } from './commit.ts';
import { batchOf } from './commits.ts';
import type { Commits } from './commits.ts';
import { KeystoreError } from './error.ts';
import { FORMAT, FORMAT_KEY, HEAD_KEY, readHead } from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { SharedRows } from './rows.ts';

/**
 * One of several writers. Whoever writes holds the row of the figures: that numbers the changes of all writers
 * without gaps, in the order in which they can be seen. What was computed from rows that another has changed since is
 * left out of the batch.
 */
export class SharedCommits implements Commits {
  readonly shared = true;
  readonly #rows: SharedRows;
  readonly #now: () => number;

  constructor(rows: SharedRows, now: () => number) {
    this.#rows = rows;
    this.#now = now;
  }

  async head(): Promise<Head> {
    return readHead(await this.#rows.get(HEAD_KEY));
  }

  async store(group: readonly Commit[]): Promise<readonly boolean[]> {
    const keys = [FORMAT_KEY, ...group.flatMap(({ seen }) => seen.map(({ key }) => key))];
    let held: readonly boolean[] = [];
    // May be run again, after a conflict of which the database tells.
    await this.#rows.exchange(HEAD_KEY, keys, (figures, versions) => {
      const [format, ...found] = versions;
      assertFormat(format);
      held = standing(group, found);
      const kept = group.filter((_, index) => held[index] === true);
      return batchOf(kept, readHead(figures), this.#now()).batch;
    });
    return held;
  }

  async ready(): Promise<void> {
    await this.#rows.assertWritable();
    await this.head();
  }
}

/** Of each whether all that it was computed from is still so. `found` are the versions of now, in the same order. */
function standing(group: readonly Commit[], found: readonly (Buffer | undefined)[]): readonly boolean[] {
  let at = 0;
  return group.map(({ seen }) => {
    const now = found.slice(at, at + seen.length);
    at += seen.length;
    return seen.every(({ version }, index) => isSame(version, now[index]));
  });
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

/** A newer Vouch may have begun to use the store while this one runs. */
function assertFormat(format: Buffer | undefined): void {
  const text = format?.toString('latin1');
  if (text === FORMAT) return;
  throw new KeystoreError(
    'WRONG_FORMAT',
    `The store has become of format ${text ?? 'unknown'}; this Vouch knows format ${FORMAT}. Use the newer Vouch.`,
  );
}
