import type { Keystore } from '../keystore/keystore.ts';
import { SWEEP_INTERVAL } from './limits.ts';
import { sweepExpired } from './proof-record.ts';

/** Documents of one kind, which expire, and of which there may be so many. */
export class Shelf {
  readonly #keystore: Keystore;
  readonly #kind: string;
  readonly #most: number;
  #count = 0;
  #swept = -Infinity;

  constructor(keystore: Keystore, kind: string, most: number) {
    this.#keystore = keystore;
    this.#kind = kind;
    this.#most = most;
  }

  /** Whether one more fits. Counts those it said yes to, and looks at all of them now and then. */
  async hasRoom(now: number): Promise<boolean> {
    if (now - this.#swept >= SWEEP_INTERVAL) {
      this.#swept = now;
      this.#count = await sweepExpired(this.#keystore, this.#kind, now);
    }
    if (this.#count >= this.#most) return false;
    this.#count += 1;
    return true;
  }
}
