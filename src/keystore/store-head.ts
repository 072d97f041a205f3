import { KeystoreError } from './error.ts';
import {
  corrupt,
  EMPTY_HEAD,
  FORMAT,
  FORMAT_KEY,
  HEAD_KEY,
  readHead,
  readLogKey,
  tableRange,
  TABLES,
  writeHead,
} from './row-layout.ts';
import type { Head } from './row-layout.ts';
import type { RowReader, Rows } from './rows.ts';

/**
 * Reads the store's own figures; an empty database is begun. Throws `WRONG_FORMAT`, and `CORRUPT` when the
 * figures and the end of the change log disagree.
 */
export async function openStoreHead(rows: Rows, folder: string): Promise<Head> {
  if (!(await hasFormat(rows, folder))) {
    await rows.write([
      { key: FORMAT_KEY, value: Buffer.from(FORMAT) },
      { key: HEAD_KEY, value: writeHead(EMPTY_HEAD) },
    ]);
    return EMPTY_HEAD;
  }
  const head = readHead(await rows.get(HEAD_KEY));
  if ((await newestSequence(rows)) !== head.sequence) {
    throw corrupt(`The change log of the keystore in ${folder} does not end where it should.`);
  }
  return head;
}

/** Whether the rows are of this format; false when there are none. Throws `WRONG_FORMAT`. */
export async function hasFormat(rows: RowReader, folder: string): Promise<boolean> {
  const format = (await rows.get(FORMAT_KEY))?.toString('latin1');
  if (format === FORMAT) return true;
  if (format !== undefined) {
    throw new KeystoreError(
      'WRONG_FORMAT',
      `The keystore in ${folder} has format ${format.slice(0, 20)}; this Vouch knows format ${FORMAT}. Use a newer Vouch.`,
    );
  }
  for await (const _ of rows.scanKeys({ limit: 1 }, 1)) {
    throw new KeystoreError(
      'WRONG_FORMAT',
      `The database in ${folder} was not made by Vouch. Name another folder.`,
    );
  }
  return false;
}

/** The greatest sequence in the change log, 0 when it is empty. */
export async function newestSequence(rows: RowReader): Promise<number> {
  for await (const [key] of rows.scanKeys({ ...tableRange(TABLES.log), reverse: true }, 1)) {
    const sequence = key === undefined ? undefined : readLogKey(key);
    if (sequence !== undefined) return sequence;
  }
  return 0;
}
