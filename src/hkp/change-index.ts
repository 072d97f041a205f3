/* The change log by fingerprint and by day, for pages. In memory, and read on from where it was. */
import type { Change, Keystore } from '../keystore/keystore.ts';
import type { DayCount } from './html.ts';
import { MAX_HISTORY, MAX_HISTORY_READS } from './limits.ts';

const DAY = 86_400_000;

export interface KeyHistory {
  /** Newest first. */
  readonly changes: readonly Change[];
  /** There are older changes that are not in it. */
  readonly cut: boolean;
}

/**
 * Follows the change log of a keystore. Sequences have no gaps, so four octets of the fingerprint at the
 * place of its sequence are enough to find the changes of one key again: 4 MB for a million changes.
 */
export class ChangeIndex {
  readonly #keystore: Keystore;
  #heads = new Uint32Array(1024);
  #length = 0;
  #reading: Promise<void> | undefined;
  readonly #days = new Map<number, number>();
  #certificates = 0;

  constructor(keystore: Keystore) {
    this.#keystore = keystore;
  }

  /** The newest changes of one certificate. */
  async history(fingerprint: string): Promise<KeyHistory> {
    await this.#readOn();
    return this.#newest(fingerprint, MAX_HISTORY);
  }

  /** Certificates held at the end of each day that had a change. */
  async days(): Promise<DayCount[]> {
    await this.#readOn();
    return [...this.#days].map(([day, certificates]) => ({ day, certificates }));
  }

  async #newest(fingerprint: string, most: number): Promise<KeyHistory> {
    const head = headOf(fingerprint);
    const changes: Change[] = [];
    let at = this.#before(head, this.#length);
    for (let reads = 0; at !== -1; reads += 1) {
      if (changes.length === most || reads === MAX_HISTORY_READS) return { changes, cut: true };
      const change = await this.#change(at + 1);
      if (change?.fingerprint === fingerprint) changes.push(change);
      at = this.#before(head, at);
    }
    return { changes, cut: false };
  }

  /** The last place of a head in front of `end`, -1 if there is none. */
  #before(head: number, end: number): number {
    return end === 0 ? -1 : this.#heads.lastIndexOf(head, end - 1);
  }

  async #change(sequence: number): Promise<Change | undefined> {
    for await (const change of this.#keystore.changes(sequence - 1)) return change;
    return undefined;
  }

  /** One reader at a time; those who come meanwhile are content with what it finds. */
  async #readOn(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const change of this.#keystore.changes(this.#length)) await this.#add(change);
  }

  async #add({ fingerprint, kind, time }: Change): Promise<void> {
    // What was never held can be removed too: then only its tombstone is new.
    const gone = kind === 'removed' && (await this.#wasHeld(fingerprint));
    if (this.#length === this.#heads.length) {
      const longer = new Uint32Array(2 * this.#length);
      longer.set(this.#heads);
      this.#heads = longer;
    }
    this.#heads[this.#length] = headOf(fingerprint);
    this.#length += 1;
    if (kind === 'inserted') this.#certificates += 1;
    if (gone) this.#certificates -= 1;
    this.#days.set(Math.floor(time / DAY), this.#certificates);
  }

  async #wasHeld(fingerprint: string): Promise<boolean> {
    const [last] = (await this.#newest(fingerprint, 1)).changes;
    return last?.kind === 'inserted' || last?.kind === 'updated';
  }
}

function headOf(fingerprint: string): number {
  return Number.parseInt(fingerprint.slice(0, 8), 16);
}
