import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Level } from 'level';

import { droppedOctets } from './dropped-octets.ts';
import { KeystoreError } from './error.ts';
import type { Keystore } from './keystore.ts';
import { messageOf, openFailure, readFailure, unwritable } from './level-failure.ts';
import { BLOCK_CACHE_OCTETS, SCAN_OCTETS, TABLE_OCTETS, WRITE_BUFFER_OCTETS } from './limits.ts';
import { PointReads } from './point-reads.ts';
import { openRowKeystore } from './row-keystore.ts';
import type { Row, RowRange, RowReader, Rows, RowSnapshot, RowWrite } from './rows.ts';

type Database = Level<Buffer, Buffer>;
type Snapshot = ReturnType<Database['snapshot']>;

export interface LevelKeystoreOptions {
  /** Milliseconds since 1970; the times of the change log. */
  readonly now: () => number;
}

/**
 * Opens the keystore in a folder, made with mode 0700 when it is missing. Throws `LOCKED`, `UNWRITABLE`,
 * `CORRUPT` and `WRONG_FORMAT`; the messages name the folder.
 */
export async function openLevelKeystore(folder: string, options: LevelKeystoreOptions): Promise<Keystore> {
  const rows = await openLevelRows(folder, { create: true });
  try {
    return await openRowKeystore(rows, folder, options.now);
  } catch (error) {
    await rows.close();
    throw error;
  }
}

/** Rows whose place on the disk is known, and can be tidied. */
export interface CompactableRows extends Rows {
  /** Octets of the newest writes that were found damaged when the database was opened, and are lost. */
  readonly dropped: number;
  /** Gives back the disk space of what was replaced and deleted; reads and writes go on meanwhile. */
  compact(): Promise<void>;
}

/** The rows of a LevelDB database. Without `create` a folder that holds none throws `NO_STORE`. */
export async function openLevelRows(
  folder: string,
  options: { readonly create: boolean },
): Promise<CompactableRows> {
  const files = options.create ? await madeFolder(folder) : await listed(folder);
  const begun = files.includes('CURRENT');
  if (!begun && (await holdsRows(folder, files))) {
    // LevelDB would begin a new database here and delete these files as leftovers.
    throw new KeystoreError(
      'CORRUPT',
      `The keystore in ${folder} has lost its file CURRENT. Restore it from a backup.`,
    );
  }
  if (!begun && !options.create) throw new KeystoreError('NO_STORE', `There is no keystore in ${folder}.`);
  const database: Database = new Level<Buffer, Buffer>(folder, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    writeBufferSize: WRITE_BUFFER_OCTETS,
    maxFileSize: TABLE_OCTETS,
    cacheSize: BLOCK_CACHE_OCTETS,
  });
  try {
    await database.open();
  } catch (error) {
    throw openFailure(folder, error);
  }
  const pointReads = new PointReads(folder);
  await pointReads.measure();
  return new LevelRows(database, pointReads, await droppedOctets(folder));
}

/**
 * Whether files of a database have anything in them. A process that was killed while it made one leaves a first manifest
 * and nothing else; from then on there is a log that says what the folder is.
 */
async function holdsRows(folder: string, files: readonly string[]): Promise<boolean> {
  if (files.some((name) => /\.(?:ldb|sst)$/u.test(name))) return true;
  if (files.some((name) => name.startsWith('MANIFEST-') && name !== FIRST_MANIFEST)) return true;
  const logs = files.filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.some((size) => size > 0);
}

const FIRST_MANIFEST = 'MANIFEST-000001';

class LevelReader implements RowReader {
  readonly #database: Database;
  readonly #pointReads: PointReads;
  readonly #view: { readonly snapshot?: Snapshot };

  constructor(database: Database, pointReads: PointReads, snapshot?: Snapshot) {
    this.#database = database;
    this.#pointReads = pointReads;
    this.#view = snapshot === undefined ? {} : { snapshot };
  }

  async get(key: Buffer): Promise<Buffer | undefined> {
    try {
      if (this.#pointReads.mayBlock()) return this.#database.getSync<Buffer, Buffer>(key, this.#view);
      return await this.#database.get<Buffer, Buffer>(key, this.#view);
    } catch (error) {
      throw readFailure(error);
    }
  }

  async getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    try {
      return await this.#database.getMany<Buffer, Buffer>([...keys], this.#view);
    } catch (error) {
      throw readFailure(error);
    }
  }

  async hasMany(keys: readonly Buffer[]): Promise<boolean[]> {
    try {
      return await this.#database.hasMany<Buffer>([...keys], this.#view);
    } catch (error) {
      throw readFailure(error);
    }
  }

  async *scan(range: RowRange, size: number): AsyncGenerator<readonly Row[]> {
    yield* pieces(
      () =>
        this.#database.iterator<Buffer, Buffer>({ ...range, ...this.#view, highWaterMarkBytes: SCAN_OCTETS }),
      size,
    );
  }

  async *scanKeys(range: RowRange, size: number): AsyncGenerator<readonly Buffer[]> {
    yield* pieces(
      () => this.#database.keys<Buffer>({ ...range, ...this.#view, highWaterMarkBytes: SCAN_OCTETS }),
      size,
    );
  }
}

/** What LevelDB has and databases in browsers lack, which the package's types leave out. */
interface Compacting {
  compactRange(start: Buffer, end: Buffer): Promise<void>;
}

function canCompact(database: Database): database is Database & Compacting {
  return 'compactRange' in database;
}

/** Before and after every key: each begins with the letter of its table. */
const FIRST_KEY: Buffer = Buffer.of(0);
const LAST_KEY: Buffer = Buffer.of(0xff);

class LevelRows extends LevelReader implements CompactableRows {
  readonly dropped: number;
  readonly #database: Database;
  readonly #pointReads: PointReads;

  constructor(database: Database, pointReads: PointReads, dropped: number) {
    super(database, pointReads);
    this.#database = database;
    this.#pointReads = pointReads;
    this.dropped = dropped;
  }

  snapshot(): RowSnapshot {
    try {
      return new LevelSnapshot(this.#database, this.#pointReads);
    } catch (error) {
      throw readFailure(error);
    }
  }

  async write(batch: readonly RowWrite[]): Promise<void> {
    try {
      // Adding row by row takes a sixth of the main thread's time that one array of rows takes.
      const chained = this.#database.batch();
      for (const { key, value } of batch) {
        if (value === undefined) chained.del(key);
        else chained.put(key, value);
      }
      await chained.write({ sync: true });
    } catch (error) {
      const reason = messageOf(error);
      throw new KeystoreError('WRITE_FAILED', `The disk refused a write to the keystore: ${reason}`, {
        cause: error,
      });
    }
  }

  async compact(): Promise<void> {
    if (!canCompact(this.#database)) return;
    try {
      await this.#database.compactRange(FIRST_KEY, LAST_KEY);
    } catch (error) {
      throw readFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

class LevelSnapshot extends LevelReader implements RowSnapshot {
  readonly #snapshot: Snapshot;

  constructor(database: Database, pointReads: PointReads) {
    const snapshot = database.snapshot();
    super(database, pointReads, snapshot);
    this.#snapshot = snapshot;
  }

  async close(): Promise<void> {
    await this.#snapshot.close();
  }
}

interface Pieces<T> {
  nextv(size: number): Promise<T[]>;
  close(): Promise<void>;
}

async function* pieces<T>(start: () => Pieces<T>, size: number): AsyncGenerator<readonly T[]> {
  const iterator = started(start);
  try {
    for (;;) {
      const piece = await nextPiece(iterator, size);
      if (piece.length === 0) return;
      yield piece;
    }
  } finally {
    await iterator.close();
  }
}

function started<T>(start: () => Pieces<T>): Pieces<T> {
  try {
    return start();
  } catch (error) {
    throw readFailure(error);
  }
}

async function nextPiece<T>(iterator: Pieces<T>, size: number): Promise<T[]> {
  try {
    return await iterator.nextv(size);
  } catch (error) {
    throw readFailure(error);
  }
}

async function madeFolder(folder: string): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await readdir(folder);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new KeystoreError('NO_STORE', `There is no keystore in ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
