import type { SubmissionReport } from '../../hkp/submission.ts';

/** What became of the certificates of a load. Plain data: it is kept across interruptions. */
export interface LoadCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: readonly RefusalCount[];
  readonly leftOut: readonly LeftOutCount[];
}

export interface RefusalCount {
  readonly code: string;
  readonly count: number;
  /** Of the first one. */
  readonly reason: string;
}

export interface LeftOutCount {
  readonly what: string;
  readonly why: string;
  readonly count: number;
}

/** A certificate, or a piece of the file, of which nothing is stored. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly fingerprint?: string | undefined;
}

/** What a piece of a dump came to. */
export interface PieceOutcome {
  readonly accepted: SubmissionReport['accepted'];
  readonly refused: readonly Refusal[];
}

/** Adds up outcomes, from zero or from where an earlier load stopped. */
export class LoadTally {
  readonly #outcomes = { inserted: 0, updated: 0, unchanged: 0 };
  readonly #refused = new Map<string, RefusalCount>();
  readonly #leftOut = new Map<string, LeftOutCount>();

  constructor(begin?: LoadCounts) {
    if (begin === undefined) return;
    const { inserted, updated, unchanged } = begin;
    this.#outcomes = { inserted, updated, unchanged };
    for (const one of begin.refused) this.#refused.set(one.code, one);
    for (const one of begin.leftOut) this.#leftOut.set(`${one.what}\n${one.why}`, one);
  }

  add({ accepted, refused }: PieceOutcome): void {
    for (const { outcome, leftOut } of accepted) {
      this.#outcomes[outcome] += 1;
      for (const { what, why, count } of leftOut) {
        const key = `${what}\n${why}`;
        this.#leftOut.set(key, { what, why, count: count + (this.#leftOut.get(key)?.count ?? 0) });
      }
    }
    for (const { code, reason } of refused) {
      const before = this.#refused.get(code);
      this.#refused.set(code, { code, count: (before?.count ?? 0) + 1, reason: before?.reason ?? reason });
    }
  }

  get counts(): LoadCounts {
    const byCount = (a: { count: number }, b: { count: number }): number => b.count - a.count;
    return {
      ...this.#outcomes,
      refused: [...this.#refused.values()].toSorted(byCount),
      leftOut: [...this.#leftOut.values()].toSorted(byCount),
    };
  }
}

export function acceptedCount({ inserted, updated, unchanged }: LoadCounts): number {
  return inserted + updated + unchanged;
}

export function refusedCount({ refused }: LoadCounts): number {
  return refused.reduce((sum, { count }) => sum + count, 0);
}
