import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { droppedOctets } from '../keystore/dropped-octets.ts';
import { AdmissionError } from './error.ts';
import { OCTETS_TO_OPEN } from './limits.ts';
import type { StateDb, Table } from './table.ts';

/** Opens or makes the daemon's own database in `folder`. Throws `LOCKED` and `STATE_UNUSABLE`. */
export async function openStateDb(folder: string): Promise<StateDb> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseHeadless(folder);
  return new LevelStateDb(folder, await opened(folder), await droppedOctets(folder));
}

async function opened(folder: string): Promise<Level<string, unknown>> {
  const level = new Level<string, unknown>(folder, { valueEncoding: 'json' });
  try {
    await level.open();
    return level;
  } catch (cause) {
    throw openingFailure(folder, cause);
  }
}

/**
 * A write that failed may leave half a record at the end of LevelDB's log, behind which later ones would be lost at the
 * next start although they were acknowledged: before the next write the database is opened again, which makes a sound
 * log.
 */
class LevelStateDb implements StateDb {
  readonly dropped: number;
  readonly #folder: string;
  #level: Level<string, unknown>;
  #sound = true;
  /** The write under way: the next waits for it. */
  #writing: Promise<unknown> = Promise.resolve();
  /** The database is being opened again: whoever reads waits for it. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(folder: string, level: Level<string, unknown>, dropped: number) {
    this.#folder = folder;
    this.#level = level;
    this.dropped = dropped;
  }

  table<Value>(name: string): Table<Value> {
    const within = (level: Level<string, unknown>) =>
      level.sublevel<string, Value>(name, { valueEncoding: 'json' });
    let of = this.#level;
    let rows = within(of);
    const current = (): typeof rows => {
      if (of !== this.#level) rows = within((of = this.#level));
      return rows;
    };
    const readable = async (): Promise<typeof rows> => {
      await this.#opening;
      return current();
    };
    return {
      get: async (key) => (await readable()).get(key),
      put: (key, value, { sync = false } = {}) =>
        this.#write(() => this.#level.batch([{ type: 'put', sublevel: current(), key, value }], { sync })),
      delete: (key) => this.#write(() => current().del(key)),
      entries: async function* (from = '') {
        yield* (await readable()).iterator({ gte: from });
      },
    };
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#level.close();
  }

  #write(write: () => Promise<void>): Promise<void> {
    const written = this.#writing.then(async () => {
      if (!this.#sound) await this.#openAgain();
      try {
        await write();
      } catch (error) {
        this.#sound = false;
        throw error;
      }
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #openAgain(): Promise<void> {
    await requireWritable(this.#folder);
    const opening = this.#level
      .close()
      .then(() => opened(this.#folder))
      .then((level) => {
        this.#level = level;
        this.#sound = true;
      });
    this.#opening = opening.catch(() => undefined);
    await opening;
  }
}

/** What can be read now could not be any more if opening failed: it is tried on a disk only that takes writes. */
async function requireWritable(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < OCTETS_TO_OPEN) {
    throw new AdmissionError('STATE_UNUSABLE', `the state in ${folder} has no room on its disk`);
  }
  const probe = join(folder, 'writable');
  await writeFile(probe, 'yes', { flush: true });
  await rm(probe);
}

/** LevelDB would begin anew where its file CURRENT is gone, and with the rest delete every revocation that was seen. */
async function refuseHeadless(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.includes('CURRENT') || !names.some((name) => /\.(?:ldb|log)$/.test(name))) return;
  throw new AdmissionError(
    'STATE_UNUSABLE',
    `the state in ${folder} has lost its file CURRENT; put back a copy of the folder, or move it away to begin anew`,
  );
}

function openingFailure(folder: string, cause: unknown): AdmissionError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (inner instanceof Error && 'code' in inner && inner.code === 'LEVEL_LOCKED') {
    const message = `another daemon uses the state in ${folder}; stop it or name another folder`;
    return new AdmissionError('LOCKED', message, { cause });
  }
  const reason = inner instanceof Error ? inner.message : String(inner);
  return new AdmissionError('STATE_UNUSABLE', `the state in ${folder} cannot be opened: ${reason}`, {
    cause,
  });
}
