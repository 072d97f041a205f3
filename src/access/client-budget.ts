import { createHash, randomBytes } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { MAX_COUNTERS, type Budget } from './limits.ts';

/** Counts requests of clients against one budget, in memory that does not grow with their number. */
export class ClientBudget {
  readonly #limiter: RateLimiterMemory;
  readonly #salt: Buffer = randomBytes(16);

  constructor(budget: Budget) {
    this.#limiter = new RateLimiterMemory({ points: budget.requests, duration: budget.seconds });
  }

  /** Counts one request. Returns the milliseconds to wait when the budget is used up, else undefined. */
  async spend(counter: string): Promise<number | undefined> {
    try {
      await this.#limiter.consume(counter);
      return undefined;
    } catch (rejection) {
      // The library rejects with a result, not an error, when the points are used up.
      if (rejection instanceof RateLimiterRes) return rejection.msBeforeNext;
      throw rejection;
    }
  }

  /** The counter of a client: one of `MAX_COUNTERS`, by a hash with a salt that only this process knows. */
  counterOf(client: string): string {
    const hash = createHash('sha256').update(this.#salt).update(client).digest();
    return String(hash.readUInt32BE(0) % MAX_COUNTERS);
  }
}
