import { closeSync, constants, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { COMING, logFiles, NEWEST, olderName } from './log-files.ts';

/** Opens the newest file for writing, or makes it. */
export function openNewest(folder: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  return openSync(join(folder, NEWEST), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
}

/**
 * The newest file becomes an older one, and an empty one takes its place; gives the latter, open. When it fails
 * everything is as before.
 */
export function exchangeNewest(folder: string, firstSeq: number): number {
  const newest = join(folder, NEWEST);
  const coming = join(folder, COMING);
  const older = join(folder, olderName(firstSeq));
  const fd = openSync(coming, 'wx+', 0o600);
  let renamed = false;
  try {
    renameSync(newest, older);
    renamed = true;
    renameSync(coming, newest);
    syncFolder(folder);
    return fd;
  } catch (error) {
    closeSync(fd);
    if (renamed) renameSync(older, newest);
    rmSync(coming, { force: true });
    throw error;
  }
}

/**
 * Gives a newest file that somebody else changed the name of an older one, one that is not in use; undefined: there
 * is no newest file.
 */
export function makeRoom(
  folder: string,
  { firstSeq, lastSeq }: { firstSeq: number; lastSeq: number },
): string | undefined {
  const newest = join(folder, NEWEST);
  if (!existsSync(newest)) return undefined;
  for (let seq = firstSeq; ; seq = Math.max(seq + 1, lastSeq)) {
    const name = olderName(seq);
    if (existsSync(join(folder, name))) continue;
    renameSync(newest, join(folder, name));
    return name;
  }
}

/** Removes the oldest files, but never one of the last `keep` older ones. */
export async function removeOldest(folder: string, keep: number): Promise<void> {
  const older = (await logFiles(folder)).filter(({ firstSeq }) => firstSeq !== undefined);
  for (const { path } of older.slice(0, Math.max(0, older.length - keep))) await rm(path);
}

/** Without it a crash of the machine can undo the renaming. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
