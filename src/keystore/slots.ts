/** Lets so many in at a time; the others wait, for so long. */
export class Slots {
  readonly #patience: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** `patience` in milliseconds. */
  constructor(count: number, patience: number) {
    this.#free = count;
    this.#patience = patience;
  }

  /** False: no slot became free in time. Whoever has one gives it back with `leave`. */
  async enter(): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        resolve(false);
      }, this.#patience);
      this.#waiting.push(enter);
    });
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
