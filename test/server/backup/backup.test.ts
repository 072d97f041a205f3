import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreItem } from '../../../src/keystore/keystore.ts';
import { backupName, listBackups, partName, sweepBackups } from '../../../src/server/backup/backup-folder.ts';
import { backupItems, verifyBackup } from '../../../src/server/backup/read-backup.ts';
import { writeBackup } from '../../../src/server/backup/write-backup.ts';
import { ServerError } from '../../../src/server/error.ts';

const TIME = Date.parse('2026-11-22T03:17:00Z');
const FINGERPRINT = 'A'.repeat(40);

const ITEMS: readonly StoreItem[] = [
  {
    type: 'certificate',
    record: {
      fingerprint: FINGERPRINT,
      bytes: Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7919) >> 3),
      terms: [{ kind: 'email', value: 'ünï@example.org' }],
    },
  },
  { type: 'tombstone', tombstone: { fingerprint: 'B'.repeat(64), time: TIME, by: 'owner', reason: 'gone' } },
  { type: 'document', document: { kind: 'token', id: 'x', value: { a: [1, null] }, version: 3 } },
  {
    type: 'change',
    change: { sequence: 1, time: TIME, fingerprint: FINGERPRINT, kind: 'inserted', digest: '0'.repeat(64) },
  },
  { type: 'change', change: { sequence: 2, time: TIME, fingerprint: 'B'.repeat(64), kind: 'removed' } },
];

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-backup-'));
  path = join(folder, 'one.backup');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

// oxlint-disable-next-line require-await
async function* stream(items: readonly StoreItem[]): AsyncGenerator<StoreItem> {
  yield* items;
}

async function itemsIn(file: string): Promise<StoreItem[]> {
  const items: StoreItem[] = [];
  for await (const item of backupItems(file)) items.push(item);
  return items;
}

describe('writeBackup', () => {
  it('writes what is read back item by item, for its owner only, and leaves nothing else behind', async () => {
    const facts = await writeBackup(path, stream(ITEMS), TIME);
    expect(facts).toMatchObject({
      time: TIME,
      counts: { certificates: 1, tombstones: 1, documents: 1, changes: 2 },
      octets: (await stat(path)).size,
    });
    expect(await verifyBackup(path)).toEqual(facts);
    expect(await itemsIn(path)).toEqual(ITEMS);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['one.backup']);
  });

  it('says on its first line what the file is', async () => {
    await writeBackup(path, stream([]), TIME);
    expect((await readFile(path)).toString('latin1').split('\n')[0]).toBe(
      'vouch-backup 1 2026-11-22T03:17:00.000Z',
    );
  });

  it('leaves the backup that is there when the store fails in the middle', async () => {
    await writeBackup(path, stream(ITEMS), TIME);
    const before = await readFile(path);
    async function* failing(): AsyncGenerator<StoreItem> {
      yield* ITEMS.slice(0, 1);
      await Promise.resolve();
      throw new Error('the disk is gone');
    }
    await expect(writeBackup(path, failing(), TIME)).rejects.toThrow('the disk is gone');
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(folder)).toEqual(['one.backup']);
  });

  it('says where it cannot write', async () => {
    await writeFile(path, 'a file');
    await expect(writeBackup(join(path, 'in-a-file'), stream(ITEMS), TIME)).rejects.toMatchObject({
      code: 'BACKUP_FAILED',
    });
  });
});

describe('verifyBackup', () => {
  it('finds every changed octet and every truncation', async () => {
    await writeBackup(path, stream(ITEMS.slice(1)), TIME);
    const whole = await readFile(path);
    const other = join(folder, 'other.backup');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(whole);
        changed.writeUInt8((whole[at] ?? 0) ^ flip, at);
        for (const octets of [changed, whole.subarray(0, at)]) {
          await writeFile(other, octets);
          const found: unknown = await verifyBackup(other).catch((error: unknown) => error);
          expect(found).toBeInstanceOf(ServerError);
          expect(found).toHaveProperty('code', 'BAD_BACKUP');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells other files and newer formats apart', async () => {
    await writeFile(path, 'vouch-backup 2 2026-11-22T03:17:00.000Z\n'.padEnd(200, 'x'));
    await expect(verifyBackup(path)).rejects.toMatchObject({
      code: 'BAD_BACKUP',
      message: expect.stringContaining('newer') as string,
    });
    await writeFile(path, 'something else');
    await expect(verifyBackup(path)).rejects.toMatchObject({ code: 'BAD_BACKUP' });
    await expect(verifyBackup(join(folder, 'none'))).rejects.toMatchObject({ code: 'NO_BACKUP' });
    await expect(verifyBackup(folder)).rejects.toMatchObject({ code: 'BAD_BACKUP' });
  });
});

describe('the folder of backups', () => {
  it('keeps the newest and leaves files of other names alone', async () => {
    const days = [1, 2, 3, 4].map((day) => Date.UTC(2026, 10, day, 3, 17));
    for (const day of days) await writeFile(join(folder, backupName(day)), 'x');
    await writeFile(join(folder, 'vouch-before-the-upgrade.backup'), 'x');
    expect(await sweepBackups(folder, 2, TIME)).toEqual([
      join(folder, 'vouch-2026-11-01T031700Z.backup'),
      join(folder, 'vouch-2026-11-02T031700Z.backup'),
    ]);
    expect((await listBackups(folder)).map((file) => file.path)).toEqual([
      join(folder, 'vouch-2026-11-03T031700Z.backup'),
      join(folder, 'vouch-2026-11-04T031700Z.backup'),
    ]);
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('keeps nothing that a killed process left half written, and leaves alone what is being written', async () => {
    const part = join(folder, partName(backupName(TIME)));
    await writeFile(part, 'half');
    const { mtimeMs } = await stat(part);
    const HOUR = 3_600_000;
    await sweepBackups(folder, 2, mtimeMs + HOUR);
    expect(await readdir(folder)).toHaveLength(1);
    await sweepBackups(folder, 2, mtimeMs + 25 * HOUR);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is empty where there is none', async () => {
    expect(await listBackups(join(folder, 'none'))).toEqual([]);
  });
});
