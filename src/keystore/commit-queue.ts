import type { Commit } from './commit.ts';
import type { Commits } from './commits.ts';
import { MAX_BATCH_OCTETS } from './limits.ts';

interface Waiting {
  readonly commit: Commit;
  readonly done: (stored: boolean) => void;
  readonly failed: (error: unknown) => void;
}

/** Writes changes in batches: those that wait while one batch is on its way to the disk go together in the next. */
export class CommitQueue {
  readonly #commits: Commits;
  readonly #waiting: Waiting[] = [];
  #writing = false;

  constructor(commits: Commits) {
    this.#commits = commits;
  }

  /**
   * Resolves when the change is durable; false: it is not stored, as what it was computed from is no longer so.
   * Throws as `Commits.store` does.
   */
  add(commit: Commit): Promise<boolean> {
    return new Promise((done, failed) => {
      this.#waiting.push({ commit, done, failed });
      if (!this.#writing) void this.#drain();
    });
  }

  /** Never rejects: each failure goes to those who wait for it. */
  async #drain(): Promise<void> {
    this.#writing = true;
    for (let group = this.#nextGroup(); group.length > 0; group = this.#nextGroup()) {
      try {
        const stored = await this.#commits.store(group.map(({ commit }) => commit));
        for (const [index, { done }] of group.entries()) done(stored[index] === true);
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
}
