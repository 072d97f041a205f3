import { KeystoreError } from './error.ts';
import {
  corrupt,
  EMPTY_HEAD,
  FORMAT,
  FORMAT_KEY,
  HEAD_KEY,
  OLDER_FORMATS,
  readHead,
  readLogKey,
  tableRange,
  TABLES,
  writeHead,
} from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { Row, RowReader, Rows, SharedRows } from './rows.ts';

/** What an empty store consists of. */
const BEGINNING: readonly Row[] = [
  [FORMAT_KEY, Buffer.from(FORMAT)],
  [HEAD_KEY, writeHead(EMPTY_HEAD)],
];

/**
 * Reads the store's own figures; an empty database is begun, a store of an older format becomes one of
 * this. Throws `WRONG_FORMAT`, and `CORRUPT` when the figures and the end of the change log disagree.
 */
export async function openStoreHead(rows: Rows, folder: string): Promise<Head> {
  const format = await readFormat(rows, folder);
  if (format === undefined) {
    await rows.write(BEGINNING.map(([key, value]) => ({ key, value })));
    return EMPTY_HEAD;
  }
  const head = await soundHead(rows, folder);
  // Last: a store that is damaged is left as it is, for the Vouch that wrote it.
  if (format !== FORMAT) await rows.write([{ key: FORMAT_KEY, value: Buffer.from(FORMAT) }]);
  return head;
}

/**
 * The same for rows that others may begin and write at this moment. A store of an older format is left as it is: other
 * processes may still be of the Vouch that wrote it. Throws `WRONG_FORMAT` for it.
 */
export async function openSharedStore(rows: SharedRows, place: string): Promise<void> {
  if (await isSoundStore(rows, place)) return;
  await rows.add(BEGINNING);
  if (!(await isSoundStore(rows, place))) throw corrupt(`The keystore in ${place} cannot be begun.`);
}

/** As of one moment. False where nothing is. */
async function isSoundStore(rows: SharedRows, place: string): Promise<boolean> {
  const snapshot = rows.snapshot();
  try {
    const format = await readFormat(snapshot, place);
    if (format === undefined) return false;
    if (format !== FORMAT) throw wrongFormat(place, format);
    await soundHead(snapshot, place);
    return true;
  } finally {
    await snapshot.close();
  }
}

/** Throws `CORRUPT` when the figures and the end of the change log disagree. */
async function soundHead(rows: RowReader, place: string): Promise<Head> {
  const head = readHead(await rows.get(HEAD_KEY));
  if ((await newestSequence(rows)) === head.sequence) return head;
  throw corrupt(`The change log of the keystore in ${place} does not end where it should.`);
}

/** The format of the rows, this or an older one; undefined when there are none. Throws `WRONG_FORMAT`. */
export async function readFormat(rows: RowReader, folder: string): Promise<string | undefined> {
  const format = (await rows.get(FORMAT_KEY))?.toString('latin1');
  if (format === FORMAT || (format !== undefined && OLDER_FORMATS.has(format))) return format;
  if (format !== undefined) throw wrongFormat(folder, format);
  for await (const _ of rows.scanKeys({ limit: 1 }, 1)) {
    throw new KeystoreError(
      'WRONG_FORMAT',
      `The database in ${folder} was not made by Vouch, or not to its end. Name another.`,
    );
  }
  return undefined;
}

function wrongFormat(place: string, format: string): KeystoreError {
  return new KeystoreError(
    'WRONG_FORMAT',
    `The keystore in ${place} has format ${format.slice(0, 20)}; this Vouch knows format ${FORMAT}. Use a newer Vouch.`,
  );
}

/** The greatest sequence in the change log, 0 when it is empty. */
export async function newestSequence(rows: RowReader): Promise<number> {
  for await (const [key] of rows.scanKeys({ ...tableRange(TABLES.log), reverse: true }, 1)) {
    const sequence = key === undefined ? undefined : readLogKey(key);
    if (sequence !== undefined) return sequence;
  }
  return 0;
}
