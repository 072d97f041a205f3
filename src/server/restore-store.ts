import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isPostgresUrl } from '../keystore/postgres-address.ts';
import { restoreLevelKeystore, restoreRows } from '../keystore/restore.ts';
import type { StoreItem } from '../keystore/keystore.ts';
import { backupItems, verifyBackup } from './backup/read-backup.ts';
import type { BackupFacts } from './backup/read-backup.ts';
import { ServerError } from './error.ts';

/**
 * Makes the store at an address, where there must be none, from a backup, which is first held against its digest as a
 * whole. Throws `NOT_EMPTY`, `NO_BACKUP`, `BAD_BACKUP`, `BACKUP_FAILED`, and `KeystoreError`; no store is there then.
 */
export async function restoreStore(address: string, backup: string): Promise<BackupFacts> {
  // Before the long look at the backup.
  if (!isPostgresUrl(address)) await requireNothing(address);
  const facts = await verifyBackup(backup);
  await fillStore(address, backupItems(backup));
  return facts;
}

/** Makes the store at an address, where there must be none, of items. Throws as `restoreStore` does. */
export async function fillStore(address: string, items: AsyncIterable<StoreItem>): Promise<void> {
  await (isPostgresUrl(address) ? fillDatabase(address, items) : fillFolder(address, items));
}

/** Without its format, which comes last, it is no store; what was written until a failure is taken out again. */
async function fillDatabase(url: string, items: AsyncIterable<StoreItem>): Promise<void> {
  const { openPostgresRows } = await import('../keystore/postgres.ts');
  const rows = await openPostgresRows(url, { create: true });
  try {
    if (!(await rows.isEmpty()))
      throw notEmpty(rows.place, 'name another database, or drop its table vouch_row');
    try {
      await restoreRows(rows, rows.place, items);
    } catch (error) {
      await rows.clear();
      throw error;
    }
  } finally {
    await rows.close();
  }
}

/** The store is written beside, and takes its place when it is complete. */
async function fillFolder(folder: string, items: AsyncIterable<StoreItem>): Promise<void> {
  await requireNothing(folder);
  const beside = join(dirname(folder), '.restoring');
  await rm(beside, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  try {
    await restoreLevelKeystore(beside, items);
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
}

async function requireNothing(folder: string): Promise<void> {
  const missing = await access(folder).then(
    () => false,
    () => true,
  );
  if (missing || (await readdir(folder)).length === 0) return;
  throw notEmpty(folder, 'name another folder, or move it away');
}

function notEmpty(place: string, advice: string): ServerError {
  return new ServerError('NOT_EMPTY', `${place} holds a store already; ${advice}`);
}
