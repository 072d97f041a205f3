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
import type { RowReader, Rows } from './rows.ts';

/**
 * Reads the store's own figures; an empty database is begun, a store of an older format becomes one of
 * this. Throws `WRONG_FORMAT`, and `CORRUPT` when the figures and the end of the change log disagree.
 */
export async function openStoreHead(rows: Rows, folder: string): Promise<Head> {
  const format = await readFormat(rows, folder);
  if (format === undefined) {
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
  // Last: a store that is damaged is left as it is, for the Vouch that wrote it.
  if (format !== FORMAT) await rows.write([{ key: FORMAT_KEY, value: Buffer.from(FORMAT) }]);
  return head;
}

/** The format of the rows, this or an older one; undefined when there are none. Throws `WRONG_FORMAT`. */
export async function readFormat(rows: RowReader, folder: string): Promise<string | undefined> {
  const format = (await rows.get(FORMAT_KEY))?.toString('latin1');
  if (format === FORMAT || (format !== undefined && OLDER_FORMATS.has(format))) return format;
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
  return undefined;
}

/** The greatest sequence in the change log, 0 when it is empty. */
export async function newestSequence(rows: RowReader): Promise<number> {
  for await (const [key] of rows.scanKeys({ ...tableRange(TABLES.log), reverse: true }, 1)) {
    const sequence = key === undefined ? undefined : readLogKey(key);
    if (sequence !== undefined) return sequence;
  }
  return 0;
}
