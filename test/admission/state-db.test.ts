import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStateDb } from '../../src/admission/state-db.ts';

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
