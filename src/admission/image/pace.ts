/** Holds a thread up, so that it does no more than so many octets in a second. For threads that may sleep. */
export class Pace {
  readonly #rate: number;
  readonly #elapsed: () => number;
  readonly #began: number;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #octets = 0;

  /** `rate` in octets a second; `elapsed`: milliseconds from some point, never backwards. */
  constructor(rate: number, elapsed: () => number) {
    this.#rate = rate;
    this.#elapsed = elapsed;
    this.#began = elapsed();
  }

  /** Returns when these octets may have been read. */
  took(octets: number): void {
    this.#octets += octets;
    const wait = this.#began + (this.#octets / this.#rate) * 1000 - this.#elapsed();
    // Nobody ever wakes it.
    if (wait > 0) Atomics.wait(this.#sleeper, 0, 0, wait);
  }
}
