import { createHash, randomBytes } from 'node:crypto';
import { MAX_COUNTERS, type Budget } from './limits.ts';

/** The requests of one client in the time since its first. */
interface Window {
  ends: number;
  requests: number;
}

/** Counts requests of clients against one budget, in memory that does not grow with their number. */
export class ClientBudget {
  readonly #budget: Budget;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();
  readonly #salt: Buffer = randomBytes(16);

  /** `now` gives milliseconds that never go back. */
  constructor(budget: Budget, now: () => number = () => performance.now()) {
    this.#budget = budget;
    this.#now = now;
  }

  /**
   * Counts one request. Returns the milliseconds to wait when the budget is used up, else undefined. Counters are few:
   * of `counterOf`, or names of what there are few of.
   */
  spend(counter: string): number | undefined {
    const now = this.#now();
    const window = this.#windows.get(counter);
    if (window === undefined || window.ends <= now) {
      this.#windows.set(counter, { ends: now + this.#budget.seconds * 1000, requests: 1 });
      return undefined;
    }
    window.requests += 1;
    return window.requests > this.#budget.requests ? Math.ceil(window.ends - now) : undefined;
  }

  /** The counter of a client: one of `MAX_COUNTERS`, by a hash with a salt that only this process knows. */
  counterOf(client: string): string {
    const hash = createHash('sha256').update(this.#salt).update(client).digest();
    return String(hash.readUInt32BE(0) % MAX_COUNTERS);
  }
}
