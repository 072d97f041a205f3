import type { Commit } from './commit.ts';
import { HEAD_KEY, logKey, writeChange, writeHead } from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { RowWrite } from './rows.ts';

/** How batches come to the rows: `AloneCommits` where one process writes, `SharedCommits` where several do. */
export interface Commits {
  /** Others may write the rows at any time: nothing that was read of them may be kept. */
  readonly shared: boolean;
  /** The store's figures as of the newest durable batch. */
  head(): Promise<Head>;
  /**
   * Numbers the changes of these and writes them, each with everything that belongs to it, in one batch. Answers of
   * each whether it is stored: it is not when what it was computed from is no longer so. Throws `WRITE_FAILED` and
   * `UNAVAILABLE`.
   */
  store(group: readonly Commit[]): Promise<readonly boolean[]>;
  /** Throws what `store` would for reasons that last. */
  ready(): Promise<void>;
}

/** The rows of a batch, and the figures after it. `now` in milliseconds since 1970. */
export function batchOf(
  group: readonly Commit[],
  before: Head,
  now: number,
): { readonly batch: readonly RowWrite[]; readonly head: Head } {
  let { sequence, certificates } = before;
  // A clock that was set back must not make the log run backwards.
  const time = Math.max(before.time, Math.floor(now));
  const batch: RowWrite[] = [];
  for (const commit of group) {
    const { logged } = commit;
    if (logged !== undefined) {
      sequence += 1;
      const line = writeChange(time, logged.kind, logged.digest, logged.fingerprint);
      batch.push({ key: logKey(sequence), value: line });
    }
    certificates += commit.certificates;
    batch.push(...commit.rows(sequence));
  }
  if (sequence === before.sequence) return { batch, head: before };
  const head: Head = { sequence, certificates, time };
  batch.push({ key: HEAD_KEY, value: writeHead(head) });
  return { batch, head };
}
