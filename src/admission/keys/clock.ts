import type { Log } from '../../log.ts';
import type { StateDb, Table } from '../table.ts';
import type { OnEvent } from './key-ledger.ts';

export interface ClockOptions {
  readonly db: StateDb;
  /** Milliseconds since 1970, as the system has it. */
  readonly wall: () => number;
  /** Milliseconds from any point, never backwards. */
  readonly elapsed: () => number;
  /** Milliseconds that the wall clock may be behind without being suspect. */
  readonly skew: number;
  readonly onEvent: OnEvent;
  readonly log: Log;
  /** The time that was seen before is forgotten: somebody looked at the clock, and it is right now. */
  readonly trust?: boolean;
}

export interface ClockReading {
  /** Milliseconds since 1970; never less than in any reading before, of this process or an earlier one. */
  readonly now: number;
  /** The wall clock is behind by more than the skew: it went backwards. */
  readonly suspect: boolean;
}

/** Milliseconds between two notes of the time on the disk. */
const NOTE_INTERVAL = 60_000;

/**
 * Watches the wall clock: a step backwards must not bring an expired key back to life. The highest time ever
 * seen is kept over restarts and goes on with the monotonic clock; the wall clock counts again once it is there.
 */
export class ClockGuard {
  readonly #options: ClockOptions;
  readonly #table: Table<number>;
  /** The time that it is at the least, and what the monotonic clock said then. */
  #highest: number;
  #since: number;
  #noted: number;
  #suspect = false;

  private constructor(options: ClockOptions, table: Table<number>, highest: number) {
    this.#options = options;
    this.#table = table;
    this.#highest = highest;
    this.#noted = highest;
    this.#since = options.elapsed();
  }

  static async open(options: ClockOptions): Promise<ClockGuard> {
    const table = options.db.table<number>('clock');
    const highest = (await table.get('highest')) ?? 0;
    const { onEvent, trust = false, wall } = options;
    const guard = new ClockGuard(options, table, trust ? 0 : highest);
    if (trust) onEvent('clock_trusted', { before: iso(highest), now: iso(wall()) });
    guard.read();
    await guard.save();
    return guard;
  }

  read(): ClockReading {
    const { wall, elapsed, skew } = this.#options;
    const wallTime = wall();
    const monotonic = elapsed();
    const least = this.#highest + (monotonic - this.#since);
    this.#tell(wallTime < least - skew, least - wallTime);
    // Also after a small step: many of them would keep the time where it is.
    this.#highest = Math.max(wallTime, least);
    this.#since = monotonic;
    if (this.#highest - this.#noted >= NOTE_INTERVAL) {
      this.save().catch((error: unknown) => {
        this.#options.log.error('the time cannot be noted', { reason: String(error) });
      });
    }
    return { now: this.#highest, suspect: this.#suspect };
  }

  /** Notes the time on the disk; also when the daemon ends. */
  async save(): Promise<void> {
    this.#noted = this.#highest;
    await this.#table.put('highest', Math.floor(this.#highest));
  }

  #tell(suspect: boolean, behind: number): void {
    if (suspect === this.#suspect) return;
    this.#suspect = suspect;
    this.#options.onEvent('clock_suspect', { suspect, behind_ms: Math.max(0, Math.round(behind)) });
  }
}

function iso(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
