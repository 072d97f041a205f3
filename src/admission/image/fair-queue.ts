import { AdmissionError } from '../error.ts';

export interface QueueLimits {
  readonly total: number;
  readonly perCaller: number;
}

/** What waits, by who asked: callers take turns, so that one with a hundred images does not hold up another. */
export class FairQueue<Item> {
  readonly #limits: QueueLimits;
  /** In the order of turns: who was served goes to the end. */
  readonly #waiting = new Map<string, Item[]>();
  #length = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#length;
  }

  /** Throws `QUEUE_FULL`. */
  push(caller: string, item: Item): void {
    const own = this.#waiting.get(caller) ?? [];
    if (this.#length >= this.#limits.total || own.length >= this.#limits.perCaller) {
      throw new AdmissionError('QUEUE_FULL', 'too many images wait to be read');
    }
    own.push(item);
    this.#waiting.set(caller, own);
    this.#length += 1;
  }

  shift(): Item | undefined {
    for (const [caller, own] of this.#waiting) {
      const item = own.shift();
      this.#waiting.delete(caller);
      if (own.length > 0) this.#waiting.set(caller, own);
      if (item !== undefined) this.#length -= 1;
      return item;
    }
    return undefined;
  }
}
