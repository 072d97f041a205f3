import { setImmediate } from 'node:timers/promises';

/** Milliseconds that long work may take before whoever else waits has a turn: less than reading an image takes. */
const LENGTH = 5;

/** Work in slices: nobody who asks meanwhile waits for more than one. */
export class TimeSlice {
  readonly #elapsed: () => number;
  #began: number;

  /** `elapsed`: milliseconds from some point, never backwards. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
    this.#began = elapsed();
  }

  /** Between two steps: lets others have their turn when the slice is over. */
  async pause(): Promise<void> {
    if (this.#elapsed() - this.#began < LENGTH) return;
    await setImmediate();
    this.#began = this.#elapsed();
  }
}
