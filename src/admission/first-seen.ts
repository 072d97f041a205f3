import { LatelyUsed } from './lately-used.ts';
import type { Table } from './table.ts';

/** When the bytes of an image were seen on this host for the first time. */
export interface FirstSeenRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Newest line of the decision log then: the log says the same, and is signed. */
  readonly logPosition: number;
}

/** Records kept in memory: what was asked for last. */
const REMEMBERED = 10_000;

/**
 * First sights, by content digest. They stand in for a time stamp: a signature says of itself when it was made,
 * and whoever holds an expired or stolen key can date it back, but not to before this host saw the image.
 */
export class FirstSeen {
  readonly #table: Table<FirstSeenRecord>;
  readonly #remembered = new LatelyUsed<FirstSeenRecord>();

  constructor(table: Table<FirstSeenRecord>) {
    this.#table = table;
  }

  /** The record of these bytes, if it is in memory. */
  near(sha256: string): FirstSeenRecord | undefined {
    return this.#remembered.get(sha256);
  }

  /** The record of these bytes; undefined when they are new. */
  async find(sha256: string): Promise<FirstSeenRecord | undefined> {
    const near = this.near(sha256);
    if (near !== undefined) return near;
    const held = await this.#table.get(sha256);
    if (held !== undefined) this.#remember(sha256, held);
    return held;
  }

  /** The record of these bytes, made and durable now when they are new. An earlier record is never replaced. */
  async record(sha256: string, sight: FirstSeenRecord): Promise<FirstSeenRecord> {
    const held = await this.find(sha256);
    if (held !== undefined) return held;
    // Two requests at once: the first one's time is as true as the second one's, but there must be only one.
    this.#remember(sha256, sight);
    await this.#table.put(sha256, sight, { sync: true });
    return sight;
  }

  #remember(sha256: string, record: FirstSeenRecord): void {
    if (this.#remembered.get(sha256) === undefined) this.#remembered.set(sha256, record);
    const { oldest, size } = this.#remembered;
    if (size > REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}
