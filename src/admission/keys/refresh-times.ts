/* When keystores are asked: at odd times, so that hosts do not come all at once, nor with all keys at once. */

/** Milliseconds. */
export interface RefreshIntervals {
  /** Between two questions about one key, on the average. */
  readonly key: number;
  /** At the most between two times that a key itself is fetched, whatever a change log says. */
  readonly full: number;
  /** To wait after a keystore failed, the first time and at the most. */
  readonly backOff: { readonly first: number; readonly most: number };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DEFAULT_INTERVALS: RefreshIntervals = {
  key: 6 * HOUR,
  full: 24 * HOUR,
  backOff: { first: MINUTE, most: HOUR },
};

/** Draws times by lot; `random` gives numbers from 0 up to 1. */
export class RefreshTimes {
  readonly #intervals: RefreshIntervals;
  readonly #random: () => number;

  constructor(intervals: RefreshIntervals, random: () => number) {
    this.#intervals = intervals;
    this.#random = random;
  }

  /** A fifth of the interval sooner or later. */
  nextDue(now: number): number {
    return now + this.#intervals.key * (0.8 + 0.4 * this.#random());
  }

  /** Up to a quarter sooner, never later. */
  fullDue(now: number): number {
    return now + this.#intervals.full * (1 - 0.25 * this.#random());
  }

  /** For one key that a keystore which is up did not give. */
  retry(now: number): number {
    return now + this.#intervals.backOff.most * (0.5 + this.#random());
  }

  /** Doubles with every failure, and is up to a half shorter or longer. */
  nextTry(now: number, failures: number): number {
    const { first, most } = this.#intervals.backOff;
    return now + Math.min(first * 2 ** (failures - 1), most) * (0.5 + this.#random());
  }

  /** Whether a time that was drawn has come; or is so far ahead that the clock must have been, then. */
  hasCome(time: number, now: number): boolean {
    return time <= now || time > now + 2 * Math.max(this.#intervals.key, this.#intervals.full);
  }

  mayTry(time: number, now: number): boolean {
    return time <= now || time > now + 2 * this.#intervals.backOff.most;
  }
}
