import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The names of backups in their folder begin and end so; what stands between sorts by time. */
const NAME = /^vouch-\d{4}-\d\d-\d\dT\d{6}Z\.backup$/;
const PART_NAME = /^\..+\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

export interface BackupFile {
  readonly path: string;
  readonly octets: number;
  /** When it was written, in milliseconds since 1970. */
  readonly time: number;
}

/** `vouch-2026-11-22T031700Z.backup`; `time` in milliseconds since 1970. */
export function backupName(time: number): string {
  const text = new Date(time).toISOString();
  return `vouch-${text.slice(0, 19).replaceAll(':', '')}Z.backup`;
}

/** What is written until a backup is whole: its name is that of no backup. */
export function partName(name: string): string {
  return `.${name}.${randomUUID()}.part`;
}

/** Backups in a folder by their names, the oldest first; other files are not looked at. */
export function listBackups(folder: string): Promise<readonly BackupFile[]> {
  return listFiles(folder, NAME);
}

async function listFiles(folder: string, form: RegExp): Promise<readonly BackupFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => form.test(name)).toSorted();
  const found = await Promise.all(
    files.map(async (name): Promise<BackupFile[]> => {
      const path = join(folder, name);
      const facts = await stat(path).catch(() => undefined);
      return facts === undefined ? [] : [{ path, octets: facts.size, time: facts.mtimeMs }];
    }),
  );
  return found.flat();
}

/** A backup that nobody has written to for so long is not being written any more. Milliseconds. */
const ABANDONED = 24 * 3_600_000;

/**
 * Deletes the oldest backups beyond `keep`, and answers their paths; also what processes left that were killed while
 * they wrote one. `now` in milliseconds since 1970.
 */
export async function sweepBackups(folder: string, keep: number, now: number): Promise<readonly string[]> {
  const files = await listFiles(folder, NAME);
  const old = files.slice(0, Math.max(0, files.length - keep)).map(({ path }) => path);
  const parts = await listFiles(folder, PART_NAME);
  const abandoned = parts.filter(({ time }) => now - time > ABANDONED).map(({ path }) => path);
  for (const path of [...old, ...abandoned]) await rm(path, { force: true });
  return old;
}
