import type { Log } from '../log.ts';

/** What has to be closed, in the reverse of the order in which it was opened. */
export class Closing {
  readonly #log: Log;
  readonly #steps: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  #done: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(name: string, close: () => Promise<void> | void): void {
    this.#steps.push({ name, close });
  }

  /** Closes everything. A step that fails is told to the log and does not keep the others open. */
  close(): Promise<void> {
    this.#done ??= this.#close();
    return this.#done;
  }

  async #close(): Promise<void> {
    for (const { name, close } of this.#steps.toReversed()) {
      try {
        await close();
      } catch (error) {
        this.#log.error('closing failed', { part: name, error: String(error) });
      }
    }
  }
}
