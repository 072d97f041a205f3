/*
 * The files of a log's folder. Lines are added to `decisions.jsonl`; when it is full it gets the number of its first
 * line for a name. `lock/` keeps a second writer out.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export const NEWEST = 'decisions.jsonl';
/** A file that is about to become the newest one; a crash leaves it behind. */
export const COMING = 'decisions.jsonl.new';
export const LOCK_FOLDER = 'lock';
export const PRIVATE_KEY = 'log-key.pem';
export const PUBLIC_KEY = 'log-key.pub.pem';

const OLDER = /^decisions-(\d{16})\.jsonl$/;

/** Number of digits so that the names sort like the numbers, up to the greatest safe integer. */
export function olderName(firstSeq: number): string {
  return `decisions-${String(firstSeq).padStart(16, '0')}.jsonl`;
}

/** Where the octets go that a crash left of a line. */
export function tornName(seq: number, attempt: number): string {
  return `decisions-${String(seq).padStart(16, '0')}${attempt === 0 ? '' : `-${attempt}`}.torn`;
}

export interface LogFile {
  readonly name: string;
  readonly path: string;
  /** Number of the first line; undefined for the newest file, whose name does not say. */
  readonly firstSeq: number | undefined;
}

/** In the order of their lines; the newest, when there is one, is the last. A folder that is missing has none. */
export async function logFiles(folder: string): Promise<LogFile[]> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const older = names.filter((name) => OLDER.test(name)).toSorted();
  const newest = names.includes(NEWEST) ? [NEWEST] : [];
  return [...older, ...newest].map((name) => {
    const digits = OLDER.exec(name)?.[1];
    return { name, path: join(folder, name), firstSeq: digits === undefined ? undefined : Number(digits) };
  });
}
