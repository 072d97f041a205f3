import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { StoreItem } from '../../keystore/keystore.ts';
import { ServerError } from '../error.ts';
import { partName } from './backup-folder.ts';
import { backupHeader } from './backup-header.ts';
import { countItem, endFrame, itemFrame, noItems } from './item-frame.ts';
import { verifyBackup } from './read-backup.ts';
import type { BackupFacts } from './read-backup.ts';

/**
 * Writes items as a backup, 0600, reads it back, and only then gives it its name; what had the name is replaced.
 * `time` in milliseconds since 1970. Throws `BACKUP_FAILED`, `BAD_BACKUP` when the disk gives back other octets
 * than it took, and what the items throw; nothing is left behind then.
 */
export async function writeBackup(
  path: string,
  items: AsyncIterable<StoreItem>,
  time: number,
): Promise<BackupFacts> {
  const folder = dirname(path);
  const part = join(folder, partName(basename(path)));
  const file = await attempt(path, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return open(part, 'wx', 0o600);
  });
  try {
    try {
      await attempt(path, () => fill(file, items, time));
    } finally {
      await file.close();
    }
    const facts = await verifyBackup(part);
    await attempt(path, async () => {
      await rename(part, path);
      await syncFolder(folder);
    });
    return facts;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function fill(file: FileHandle, items: AsyncIterable<StoreItem>, time: number): Promise<void> {
  const hash = createHash('sha256');
  const header = backupHeader(time);
  hash.update(header);
  await file.writeFile(header);
  const gzip = createGzip();
  const flow = pipeline(Readable.from(frames(items)), gzip);
  // What fails comes out of the end that is read as well.
  flow.catch(() => undefined);
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  await flow;
  await file.writeFile(hash.digest());
  await file.sync();
}

async function* frames(items: AsyncIterable<StoreItem>): AsyncGenerator<Buffer> {
  const counts = noItems();
  for await (const item of items) {
    countItem(counts, item);
    yield itemFrame(item);
  }
  yield endFrame(counts);
}

/** A name is durable when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Faults of the disk become `BACKUP_FAILED`; those of the store stay what they are. */
async function attempt<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const ofSystem = cause instanceof Error && 'syscall' in cause;
    if (!ofSystem) throw cause;
    throw new ServerError('BACKUP_FAILED', `cannot write the backup ${path}: ${cause.message}`, { cause });
  }
}
