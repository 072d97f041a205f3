import { mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { openStateDb } from '../../src/admission/state-db.ts';

afterEach(() => void vi.restoreAllMocks());

async function stateWith(values: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-state-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const db = await openStateDb(folder);
  for (const [key, value] of Object.entries(values)) await db.table('t').put(key, value, { sync: true });
  await db.close();
  return folder;
}

it('remembers what was put', async () => {
  const db = await openStateDb(await stateWith({ a: { b: 1 } }));
  expect(await db.table('t').get('a')).toEqual({ b: 1 });
  await db.close();
});

it('does not begin anew over a state that lost its file CURRENT', async () => {
  const folder = await stateWith({ a: 1 });
  await rm(join(folder, 'CURRENT'));
  const before = await readdir(folder);
  await expect(openStateDb(folder)).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
  expect(await readdir(folder)).toEqual(before);
});

it('begins where a process was killed while it made one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-state-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'MANIFEST-000001'), 'half');
  const db = await openStateDb(folder);
  expect(await db.table('t').get('a')).toBeUndefined();
  await db.close();
});

it('says that a damaged state cannot be used', async () => {
  const folder = await stateWith({ a: 1 });
  const [manifest = ''] = (await readdir(folder)).filter((name) => name.startsWith('MANIFEST-'));
  await writeFile(join(folder, manifest), 'nonsense');
  await expect(openStateDb(folder)).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
});

it('goes on in a sound log after a write that failed, and can be read all the time', async () => {
  const folder = await stateWith({ a: 1 });
  const db = await openStateDb(folder);
  const table = db.table('t');
  const failing = vi.spyOn(Level.prototype, 'batch').mockRejectedValueOnce(new Error('EROFS'));
  await expect(table.put('b', 2, { sync: true })).rejects.toThrow('EROFS');
  expect(await table.get('a')).toBe(1);
  const opened = vi.spyOn(Level.prototype, 'open');
  const written = [table.put('c', 3, { sync: true }), table.put('d', 4)];
  expect(await table.get('a')).toBe(1);
  await Promise.all(written);
  expect(opened).toHaveBeenCalled();
  failing.mockRestore();
  await db.close();
  const again = await openStateDb(folder);
  const keys = ['a', 'b', 'c', 'd'].map((key) => again.table('t').get(key));
  expect(await Promise.all(keys)).toEqual([1, undefined, 3, 4]);
  await again.close();
});

it('stays open for who reads while the disk takes no writes', async () => {
  const folder = await stateWith({ a: 1 });
  const db = await openStateDb(folder);
  const table = db.table('t');
  vi.spyOn(Level.prototype, 'batch').mockRejectedValueOnce(new Error('ENOSPC'));
  await expect(table.put('b', 2)).rejects.toThrow('ENOSPC');
  // Where it would try whether it may write.
  await mkdir(join(folder, 'writable'));
  await expect(table.put('b', 2)).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await table.get('a')).toBe(1);
  await rmdir(join(folder, 'writable'));
  await table.put('b', 2);
  expect(await table.get('b')).toBe(2);
  await db.close();
});
