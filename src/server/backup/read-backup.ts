import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { StoreItem } from '../../keystore/keystore.ts';
import { ServerError } from '../error.ts';
import { MAX_BACKUP_HEADER_OCTETS } from '../limits.ts';
import { DIGEST_OCTETS, readBackupHeader } from './backup-header.ts';
import { countItem, damaged, itemsOf, noItems } from './item-frame.ts';
import type { ItemCounts } from './item-frame.ts';

/** Octets read at a time. */
const BLOCK_OCTETS: number = 256 * 1024;

/** A backup that was read to its end, and is what was written. */
export interface BackupFacts {
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
  readonly octets: number;
  /** SHA-256 that stands at its end, lower-case hexadecimal. */
  readonly digest: string;
  readonly counts: Readonly<ItemCounts>;
}

/** Reads a whole backup and holds it against its digest. Throws `NO_BACKUP`, `BACKUP_FAILED` and `BAD_BACKUP`. */
export async function verifyBackup(path: string): Promise<BackupFacts> {
  return onBackup(path, async (backup) => {
    const digest = await checkDigest(backup);
    const counts = noItems();
    for await (const item of itemsIn(backup)) countItem(counts, item);
    return { time: backup.time, octets: backup.octets, digest, counts };
  });
}

/** The items of a backup, after its digest was found right. Throws as `verifyBackup` does. */
export async function* backupItems(path: string): AsyncGenerator<StoreItem> {
  const backup = await openBackup(path);
  try {
    await checkDigest(backup);
    yield* itemsIn(backup);
  } finally {
    await backup.file.close();
  }
}

interface OpenBackup {
  readonly file: FileHandle;
  readonly time: number;
  /** Of the file. */
  readonly octets: number;
  /** Where the items begin, and where they end. */
  readonly start: number;
  readonly end: number;
}

async function onBackup<T>(path: string, use: (backup: OpenBackup) => Promise<T>): Promise<T> {
  const backup = await openBackup(path);
  try {
    return await use(backup);
  } finally {
    await backup.file.close();
  }
}

async function openBackup(path: string): Promise<OpenBackup> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (missing) throw new ServerError('NO_BACKUP', `there is no backup ${path}`, { cause });
    throw new ServerError('BACKUP_FAILED', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new ServerError('BAD_BACKUP', `${path} is not a file`);
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(MAX_BACKUP_HEADER_OCTETS),
      0,
      MAX_BACKUP_HEADER_OCTETS,
      0,
    );
    const { time, octets: start } = readBackupHeader(buffer.subarray(0, bytesRead), path);
    const end = stat.size - DIGEST_OCTETS;
    if (end <= start) throw damaged('it is cut short');
    return { file, time, octets: stat.size, start, end };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function checkDigest({ file, end }: OpenBackup): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of blocks(file, 0, end)) hash.update(block);
  const written = Buffer.alloc(DIGEST_OCTETS);
  await file.read(written, 0, DIGEST_OCTETS, end);
  const digest = hash.digest();
  if (!digest.equals(written)) throw damaged('its SHA-256 is not the one at its end');
  return digest.toString('hex');
}

async function* itemsIn({ file, start, end }: OpenBackup): AsyncGenerator<StoreItem> {
  const gunzip = createGunzip();
  // What the source fails with comes out of the end that is read.
  const flow = pipeline(Readable.from(blocks(file, start, end)), gunzip).catch(() => undefined);
  try {
    yield* itemsOf(gunzip as AsyncIterable<Buffer>);
  } catch (error) {
    if (error instanceof ServerError) throw error;
    throw damaged(reasonOf(error));
  } finally {
    gunzip.destroy();
    await flow;
  }
}

/** The octets from `start` to before `end`, in pieces. */
async function* blocks(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK_OCTETS, end - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) throw damaged('it is cut short');
    yield block.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
