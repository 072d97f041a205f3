import { checkCertificates, checkFactsOrphans } from './check-certificates.ts';
import { checkIndex } from './check-index.ts';
import { checkLog } from './check-log.ts';
import { CheckSession } from './check-session.ts';
import type { CheckOptions, LogEnd } from './check-session.ts';
import { checkDocuments, checkTombstones } from './check-tombstones.ts';
import { KeystoreError } from './error.ts';
import type { CheckReport } from './finding.ts';
import { openLevelRows } from './level.ts';
import { ROWS_PER_CHECK_STEP } from './limits.ts';
import {
  FORMAT_KEY,
  HEAD_KEY,
  logKey,
  readChange,
  readHead,
  tableRange,
  TABLES,
  writeHead,
} from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { RowRange, RowReader, SharedRows, WorkingRows } from './rows.ts';
import { newestSequence, readFormat } from './store-head.ts';

/**
 * Holds every row of the keystore in a folder against every other, and with `repair` puts right what can
 * be. The store must not be open elsewhere. Throws `NO_STORE`, `LOCKED`, `UNWRITABLE`, `WRONG_FORMAT`, and
 * `CORRUPT` when LevelDB itself cannot read its files. A repair that is broken off can be run again.
 */
export async function checkLevelKeystore(folder: string, options: CheckOptions): Promise<CheckReport> {
  const rows = await openLevelRows(folder, { create: false });
  try {
    return await checkRows(rows, { place: folder, dropped: rows.dropped }, options);
  } finally {
    await rows.close();
  }
}

/**
 * The same for rows that others have open as well: as of one moment. With `repair` nobody else writes meanwhile: what
 * they would write fails when they have waited for too long.
 */
export async function checkSharedKeystore(
  rows: SharedRows,
  place: string,
  options: CheckOptions,
): Promise<CheckReport> {
  if (options.repair === true)
    return rows.alone(HEAD_KEY, (alone) => checkRows(alone, { place, dropped: 0 }, options));
  const snapshot = rows.snapshot();
  try {
    return await checkRows(readOnly(snapshot), { place, dropped: 0 }, options);
  } finally {
    await snapshot.close();
  }
}

function readOnly(reader: RowReader): WorkingRows {
  return {
    get: (key) => reader.get(key),
    getMany: (keys) => reader.getMany(keys),
    hasMany: (keys) => reader.hasMany(keys),
    scan: (range, size) => reader.scan(range, size),
    scanKeys: (range, size) => reader.scanKeys(range, size),
    write: () => Promise.reject(new TypeError('a check without repair wrote')),
  };
}

/** What is checked: its folder or database, and the octets of its newest writes that opening it found damaged. */
interface Checked {
  readonly place: string;
  readonly dropped: number;
}

async function checkRows(
  rows: WorkingRows,
  { place, dropped }: Checked,
  options: CheckOptions,
): Promise<CheckReport> {
  if ((await readFormat(rows, place)) === undefined) {
    throw new KeystoreError('NO_STORE', `There is no keystore in ${place}.`);
  }
  const session = new CheckSession(rows, options, await readLogEnd(rows));
  if (dropped > 0) {
    session.found({ kind: 'writes-damaged', detail: `${dropped} octets of the newest writes are lost` });
  }
  await checkCertificates(session);
  await checkFactsOrphans(session);
  await checkIndex(session);
  await checkTombstones(session, await checkLog(session));
  await checkDocuments(session);
  await checkTables(session);
  await checkHead(session);
  return session.report();
}

async function readLogEnd(rows: RowReader): Promise<LogEnd> {
  const sequence = await newestSequence(rows);
  const value = sequence === 0 ? undefined : await rows.get(logKey(sequence));
  if (value === undefined) return { sequence, time: 0 };
  try {
    return { sequence, time: readChange(sequence, value).time };
  } catch {
    // The check reports the row; the order of time starts again with the clock.
    return { sequence, time: 0 };
  }
}

/** Nothing lies between the tables. What does is left alone: it may be a newer Vouch's. */
async function checkTables(session: CheckSession): Promise<void> {
  const tables = Object.values(TABLES).toSorted((a, b) => a - b);
  const gaps: RowRange[] = [0, ...tables.map((table) => table + 1)].map((start, index) => {
    const end = tables[index];
    const from = { gte: start === 0 ? Buffer.alloc(0) : Buffer.of(start) };
    return end === undefined ? from : { ...from, lt: Buffer.of(end) };
  });
  for (const range of [...gaps, tableRange(TABLES.meta)]) {
    for await (const keys of session.rows.scanKeys(range, ROWS_PER_CHECK_STEP)) {
      for (const key of keys) {
        if (key.equals(HEAD_KEY) || key.equals(FORMAT_KEY)) continue;
        session.found({ kind: 'row-unknown', detail: key.subarray(0, 64).toString('hex') });
      }
      await session.step(keys.length);
    }
  }
}

async function checkHead(session: CheckSession): Promise<void> {
  const { newest, logEnd, certificates } = session;
  const noted = await readableHead(session.rows);
  const head: Head = { ...newest, certificates };
  const repair = () => [{ key: HEAD_KEY, value: writeHead(head) }];
  if (noted?.certificates !== certificates) {
    const detail = `${noted?.certificates ?? 'nothing'} is noted, ${certificates} are there`;
    session.found({ kind: 'count-wrong', detail }, repair);
  }
  if (noted?.sequence !== logEnd.sequence || noted.time !== logEnd.time) {
    session.found({ kind: 'sequence-wrong', sequence: logEnd.sequence }, repair);
  }
  await session.step(1);
  if (newest.sequence !== logEnd.sequence) await session.rows.write(repair());
}

async function readableHead(rows: RowReader): Promise<Head | undefined> {
  try {
    return readHead(await rows.get(HEAD_KEY));
  } catch {
    return undefined;
  }
}
