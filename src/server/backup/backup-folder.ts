import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The names of backups in their folder begin and end so; what stands between sorts by time. */
const NAME = /^vouch-\d{4}-\d\d-\d\dT\d{6}Z\.backup$/;

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

/** Backups in a folder by their names, the oldest first; other files are not looked at. */
export async function listBackups(folder: string): Promise<readonly BackupFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => NAME.test(name)).toSorted();
  const found = await Promise.all(
    files.map(async (name): Promise<BackupFile[]> => {
      const path = join(folder, name);
      const facts = await stat(path).catch(() => undefined);
      return facts === undefined ? [] : [{ path, octets: facts.size, time: facts.mtimeMs }];
    }),
  );
  return found.flat();
}

/** Deletes the oldest backups beyond `keep`. Answers the paths of those. */
export async function sweepBackups(folder: string, keep: number): Promise<readonly string[]> {
  const files = await listBackups(folder);
  const old = files.slice(0, Math.max(0, files.length - keep)).map(({ path }) => path);
  for (const path of old) await rm(path, { force: true });
  return old;
}
