/*
 * What a log's folder looks like when a daemon starts: perhaps a crash cut off the last line, perhaps somebody
 * changed a file. Whatever it is, there is a file to go on with, and the log says itself what was found.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scanChain } from './chain-scan.ts';
import type { ChainEnd, ChainScan } from './chain-scan.ts';
import { CHUNK_OCTETS, MAX_TORN_OCTETS } from './limits.ts';
import { COMING, logFiles, NEWEST, olderName, tornName } from './log-files.ts';
import type { LogFile } from './log-files.ts';
import { hashOfLine, NO_LINE, placeOf } from './log-line.ts';

/** What is to be told about a log that was not as it was left: fields of `log_repaired`. */
export interface Repair {
  readonly problem: 'torn' | 'broken' | 'removed' | 'new key';
  readonly [field: string]: string | number;
}

export interface Recovered {
  readonly end: ChainEnd;
  /** Number of the first line of the newest file; undefined: there is none. */
  readonly firstSeq: number | undefined;
  /** Of the newest file; 0: it is yet to be made, or has nothing. */
  readonly octets: number;
  /** Number of the last checkpoint of the newest file; 0: none. */
  readonly signedSeq: number;
  readonly repairs: readonly Repair[];
}

/** Puts the folder in order. The log's lock must be held. Throws what the file system says. */
export async function recoverLog(folder: string): Promise<Recovered> {
  await unlink(join(folder, COMING)).catch(() => undefined);
  const files = await logFiles(folder);
  const older = files.findLast(({ firstSeq }) => firstSeq !== undefined);
  const newest = files.find(({ firstSeq }) => firstSeq === undefined);
  const before = older === undefined ? undefined : await endOf(older);
  const start = before ?? { seq: 0, hash: NO_LINE };
  if (newest === undefined) return { end: start, firstSeq: undefined, octets: 0, signedSeq: 0, repairs: [] };
  const handle = await open(newest.path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const scan = await scanChain(handle, before);
    if (scan.broken === undefined) return sound(scan, start, []);
    if (!scan.torn) return await setAside(newest, scan, older);
    const seq = (scan.end ?? start).seq + 1;
    const repair = await cutOff(handle, { folder, seq, scan });
    return sound(scan, start, [repair]);
  } finally {
    await handle.close();
  }
}

function sound(scan: ChainScan, start: ChainEnd, repairs: readonly Repair[]): Recovered {
  return {
    end: scan.end ?? start,
    firstSeq: scan.soundOctets === 0 ? undefined : scan.firstSeq,
    octets: scan.soundOctets,
    signedSeq: scan.signedSeq,
    repairs,
  };
}

/** The end of a full file. Its inside is for `verifyDecisionLog`. */
async function endOf(file: LogFile): Promise<ChainEnd> {
  const handle = await open(file.path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const last = await lastLine(handle);
    const place = last === undefined ? undefined : placeOf(last);
    if (last !== undefined && place !== undefined) return { seq: place.seq, hash: hashOfLine(last) };
    // The file's own name says where it begins, whatever its first line says.
    const seq = (file.firstSeq ?? 1) - 1;
    return (await scanChain(handle, undefined)).end ?? { seq, hash: NO_LINE };
  } finally {
    await handle.close();
  }
}

/** Undefined when it is longer than a usual one, or not complete. */
async function lastLine(handle: FileHandle): Promise<Buffer | undefined> {
  const { size } = await handle.stat();
  const tail = Buffer.alloc(Math.min(size, CHUNK_OCTETS));
  const { bytesRead } = await handle.read(tail, 0, tail.length, size - tail.length);
  const end = bytesRead - 1;
  const start = tail.lastIndexOf('\n', end - 1) + 1;
  return bytesRead > 1 && tail[end] === 0x0a && start > 0 ? tail.subarray(start, end) : undefined;
}

/** A file that does not fit is kept as it is, as an older file; a new one goes on after its last line. */
async function setAside(newest: LogFile, scan: ChainScan, older: LogFile | undefined): Promise<Recovered> {
  // The number of its first line, if that can be: it has to come after the file before it.
  const least = older?.firstSeq === undefined ? 1 : older.firstSeq + 1;
  const name = olderName(Math.max(scan.firstSeq ?? 0, least));
  await rename(newest.path, join(dirname(newest.path), name));
  const { line, reason } = scan.broken ?? { line: 0, reason: '' };
  return {
    end: scan.end ?? { seq: 0, hash: NO_LINE },
    firstSeq: undefined,
    octets: 0,
    signedSeq: 0,
    repairs: [{ problem: 'broken', file: name, line, reason }],
  };
}

async function cutOff(
  handle: FileHandle,
  { folder, seq, scan }: { folder: string; seq: number; scan: ChainScan },
): Promise<Repair> {
  const { size } = await handle.stat();
  const octets = size - scan.soundOctets;
  const kept = Buffer.alloc(Math.min(octets, MAX_TORN_OCTETS));
  const { bytesRead } = await handle.read(kept, 0, kept.length, scan.soundOctets);
  const torn = kept.subarray(0, bytesRead);
  const before = await keepTorn(folder, seq, torn);
  await handle.truncate(scan.soundOctets);
  await handle.datasync();
  // On a full disk there may be room now.
  const name = before ?? (await keepTorn(folder, seq, torn));
  return { problem: 'torn', file: NEWEST, line: scan.broken?.line ?? 0, octets, kept: name ?? 'not kept' };
}

/** Gives the name of the file; undefined: it cannot be written. */
async function keepTorn(folder: string, seq: number, octets: Buffer): Promise<string | undefined> {
  for (let attempt = 0; attempt < MOST_TORN; attempt += 1) {
    const name = tornName(seq, attempt);
    const path = join(folder, name);
    try {
      await writeFile(path, octets, { flag: 'wx', mode: 0o600, flush: true });
      return name;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      await unlink(path).catch(() => undefined);
      return undefined;
    }
  }
  return undefined;
}

/** Torn ends of one line that are kept: one for each crash at this place. */
const MOST_TORN = 100;
