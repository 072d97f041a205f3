import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { restoreLevelKeystore } from '../keystore/restore.ts';
import { backupItems, verifyBackup } from './backup/read-backup.ts';
import type { BackupFacts } from './backup/read-backup.ts';
import { ServerError } from './error.ts';

/**
 * Makes the store in `folder`, which must be missing or empty, from a backup: first the whole backup is held against
 * its digest, then the store is written beside, and takes its place when it is complete. Throws `NOT_EMPTY`,
 * `NO_BACKUP`, `BAD_BACKUP`, `BACKUP_FAILED`, and `KeystoreError`; no store is there then.
 */
export async function restoreStore(folder: string, backup: string): Promise<BackupFacts> {
  await requireNothing(folder);
  const facts = await verifyBackup(backup);
  const beside = join(dirname(folder), '.restoring');
  await rm(beside, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  try {
    await restoreLevelKeystore(beside, backupItems(backup));
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
  return facts;
}

async function requireNothing(folder: string): Promise<void> {
  const missing = await access(folder).then(
    () => false,
    () => true,
  );
  if (missing || (await readdir(folder)).length === 0) return;
  throw new ServerError('NOT_EMPTY', `${folder} holds a store already; name another folder, or move it away`);
}
