import type { LeftOut } from './left-out.ts';

/** Counts what is left out of an upload, by what it was and why. */
export class Tally {
  readonly #counts = new Map<string, { what: string; why: string; count: number }>();

  add(what: string, why: string, count = 1): void {
    if (count === 0) return;
    const key = `${what}\n${why}`;
    const entry = this.#counts.get(key) ?? { what, why, count: 0 };
    entry.count += count;
    this.#counts.set(key, entry);
  }

  get entries(): LeftOut[] {
    return [...this.#counts.values()].map((entry) => ({ ...entry }));
  }
}
