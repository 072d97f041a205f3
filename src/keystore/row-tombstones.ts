import { fingerprintOctets } from './fingerprint-octets.ts';
import type { Tombstone } from './keystore.ts';
import { tableRange, TABLES } from './row-layout.ts';
import type { RowReader } from './rows.ts';
import { readTombstone, tombstoneKey } from './tombstone-row.ts';

/** The tombstones among the rows of a keystore. They are asked for with every upload, and most stores have none. */
export class RowTombstones {
  readonly #rows: Pick<RowReader, 'scanKeys'>;
  readonly #reads: Pick<RowReader, 'getMany'>;
  /** Undefined: not known yet. */
  #any: Promise<boolean> | undefined;
  /** Found to be so, which need not be waited for. */
  #none = false;

  /** `shared`: other processes may put one at any time, so that it is never known that there is none. */
  constructor(
    rows: Pick<RowReader, 'scanKeys'>,
    reads: Pick<RowReader, 'getMany'>,
    { shared }: { readonly shared: boolean },
  ) {
    this.#rows = rows;
    this.#reads = reads;
    if (shared) this.willPut();
  }

  /** That there is not one, as far as is known. */
  get none(): boolean {
    return this.#none;
  }

  /** Before one is written. */
  willPut(): void {
    this.#any = Promise.resolve(true);
    this.#none = false;
  }

  async among(fingerprints: readonly string[]): Promise<readonly Tombstone[]> {
    if (this.#none || !(await this.#haveAny())) return [];
    const keys = [...new Set(fingerprints)].flatMap((one) => {
      const octets = fingerprintOctets(one);
      return octets === undefined ? [] : [tombstoneKey(octets)];
    });
    const values = await this.#reads.getMany(keys);
    return keys.flatMap((key, index) => {
      const value = values[index];
      return value === undefined ? [] : [readTombstone(key, value)];
    });
  }

  async #haveAny(): Promise<boolean> {
    this.#any ??= this.#look();
    const looking = this.#any;
    try {
      const any = await looking;
      if (this.#any === looking) this.#none = !any;
      return any;
    } catch (error) {
      // The next one looks again.
      if (this.#any === looking) this.#any = undefined;
      throw error;
    }
  }

  async #look(): Promise<boolean> {
    for await (const _ of this.#rows.scanKeys({ ...tableRange(TABLES.tombstone), limit: 1 }, 1)) return true;
    return false;
  }
}
