import { readdir, stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';

import { MAX_RESIDENT_SHARE, READS_PER_MEASUREMENT } from './limits.ts';

/** The files that hold what is stored; LevelDB's log of the newest writes is in memory besides. */
const TABLE = /\.(?:ldb|sst)$/u;

/**
 * Whether a point read may hold up the thread it is asked on. Handing it to another thread costs five times what it
 * takes, as long as the tables are in memory, which the system keeps them in when they are small against it. A read
 * that has to wait for the disk would hold up every request.
 */
export class PointReads {
  readonly #folder: string;
  readonly #most: number;
  #resident = false;
  #left = 0;

  /** `memory` is what this process may use, in octets. */
  constructor(folder: string, memory: number = usableMemory()) {
    this.#folder = folder;
    this.#most = memory * MAX_RESIDENT_SHARE;
  }

  /** Asked before each read; now and then the files are measured again, in the background. */
  mayBlock(): boolean {
    this.#left -= 1;
    if (this.#left < 0) void this.measure();
    return this.#resident;
  }

  async measure(): Promise<void> {
    this.#left = READS_PER_MEASUREMENT;
    this.#resident = await octetsOfTables(this.#folder).then(
      (octets) => octets <= this.#most,
      () => false,
    );
  }
}

/** Of the machine, or less where its control group has a limit. */
function usableMemory(): number {
  // Node says nothing, 0 or 2^64 where there is no limit.
  const limit = process.constrainedMemory() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** LevelDB makes and removes files at any time. */
async function octetsOfTables(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => TABLE.test(name));
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
