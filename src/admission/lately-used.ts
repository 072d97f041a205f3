/** A map in the order of use: what was used last is at the end. How much stays in it is its owner's affair. */
export class LatelyUsed<Value> {
  readonly #values = new Map<string, Value>();
  /** Mostly one thing is asked for again and again: then nothing has to be put in order. */
  #last: string | undefined;

  get size(): number {
    return this.#values.size;
  }

  /** The key of what was not used for longest. */
  get oldest(): string | undefined {
    const [oldest] = this.#values.keys();
    return oldest;
  }

  /** Uses it. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value !== undefined && key !== this.#last) this.#put(key, value);
    return value;
  }

  /** Does not use it. */
  peek(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (key === this.#last) this.#values.set(key, value);
    else this.#put(key, value);
  }

  delete(key: string): boolean {
    if (key === this.#last) this.#last = undefined;
    return this.#values.delete(key);
  }

  /** Those not used for longest first. */
  values(): Iterable<Value> {
    return this.#values.values();
  }

  #put(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#last = key;
  }
}
