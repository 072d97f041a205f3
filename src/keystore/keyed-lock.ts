/** Lets work of one key run one after another, in the order asked for; work of other keys is not held up. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const mine = before === undefined ? work() : before.then(work);
    const forget = (): void => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    };
    // The next in line waits for the end of this one, however it ends.
    const tail = mine.then(forget, forget);
    this.#tails.set(key, tail);
    return mine;
  }
}
