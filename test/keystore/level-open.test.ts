import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openLevelKeystore, openLevelRows } from '../../src/keystore/level.ts';
import { FORMAT_KEY, HEAD_KEY, logKey } from '../../src/keystore/row-layout.ts';
import type { RowWrite } from '../../src/keystore/rows.ts';
import { Clock, collect, fingerprint, pages, put, record, text, word } from './sample.ts';
import { temporaryFolder } from './temporary-folder.ts';

const clock = new Clock();
let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});

afterEach(async () => {
  await remove();
});

async function filled(): Promise<void> {
  const store = await openLevelKeystore(folder, clock);
  for (let n = 0; n < 3; n += 1) await put(store, record(fingerprint(n), `${n}`, [word('a')]));
  await store.close();
}

async function alter(...batch: RowWrite[]): Promise<void> {
  const rows = await openLevelRows(folder, { create: false });
  await rows.write(batch);
  await rows.close();
}

describe('openLevelKeystore', () => {
  it('finds everything again after it was closed', async () => {
    await filled();
    const store = await openLevelKeystore(folder, clock);
    expect(await store.status()).toEqual({ certificates: 3, sequence: 3 });
    expect(text(await store.bytes(fingerprint(1)))).toBe('1');
    expect((await pages(store, [word('a')], 2)).flatMap((page) => page.fingerprints)).toHaveLength(3);
    await put(store, record(fingerprint(1), 'more'));
    expect((await collect(store.changes(2))).map(({ sequence }) => sequence)).toEqual([3, 4]);
    await store.close();
  });

  it('makes a missing folder that only its owner can enter', async () => {
    const inner = path.join(folder, 'not', 'yet');
    const store = await openLevelKeystore(inner, clock);
    await store.close();
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
  });

  it('says LOCKED, naming the folder, when the store is open already', async () => {
    const store = await openLevelKeystore(folder, clock);
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(folder),
    });
    await store.close();
    await (await openLevelKeystore(folder, clock)).close();
  });

  it('says UNWRITABLE, naming the folder, when there is a file in its place', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    for (const place of [file, path.join(file, 'below')]) {
      await expect(openLevelKeystore(place, clock)).rejects.toMatchObject({
        code: 'UNWRITABLE',
        message: expect.stringContaining(place),
      });
    }
  });

  const root = process.getuid?.() === 0;
  const reason = root ? ' (skipped: root may write anywhere)' : '';
  it.skipIf(root)(`says UNWRITABLE when it may not write to the folder${reason}`, async () => {
    const inner = path.join(folder, 'inner');
    await mkdir(inner);
    await chmod(inner, 0o500);
    await expect(openLevelKeystore(inner, clock)).rejects.toMatchObject({ code: 'UNWRITABLE' });
    await chmod(folder, 0o500);
    await expect(openLevelKeystore(path.join(folder, 'new'), clock)).rejects.toMatchObject({
      code: 'UNWRITABLE',
    });
    await chmod(folder, 0o700);
  });

  it('says CORRUPT, naming the folder, when the manifest is damaged or missing', async () => {
    for (const damage of [(file: string) => writeFile(file, 'nonsense'), (file: string) => rm(file)]) {
      await filled();
      const manifest = (await readdir(folder)).find((name) => name.startsWith('MANIFEST-')) ?? '';
      await damage(path.join(folder, manifest));
      await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringContaining(folder),
      });
      await rm(folder, { recursive: true });
    }
  });

  it('begins no new store over the files of one that lost CURRENT', async () => {
    await filled();
    await rm(path.join(folder, 'CURRENT'));
    const before = await readdir(folder);
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(await readdir(folder)).toEqual(before);
  });

  it('says CORRUPT too when what is left is a log only, or a manifest that was not the first', async () => {
    await filled();
    const files = await readdir(folder);
    for (const kept of [/\.log$/, /^MANIFEST-/]) {
      const other = path.join(folder, `only ${kept.source.replace(/\W/g, '')}`);
      await mkdir(other);
      const [name = ''] = files.filter((file) => kept.test(file));
      await writeFile(path.join(other, name), await readFile(path.join(folder, name)));
      await expect(openLevelKeystore(other, clock)).rejects.toMatchObject({ code: 'CORRUPT' });
      expect(await readdir(other)).toEqual([name]);
    }
  });

  it('begins where a process was killed while it made a store', async () => {
    await writeFile(path.join(folder, 'MANIFEST-000001'), 'half of it');
    await writeFile(path.join(folder, '000001.dbtmp'), '');
    await filled();
    const store = await openLevelKeystore(folder, clock);
    expect(await store.status()).toEqual({ certificates: 3, sequence: 3 });
    await store.close();
  });

  it("says CORRUPT when its own figures are missing or do not match the log's end", async () => {
    await filled();
    await alter({ key: logKey(3) });
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'CORRUPT' });
    await alter({ key: HEAD_KEY });
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it('says WRONG_FORMAT to the store of a newer Vouch and to the database of another program', async () => {
    await filled();
    await alter({ key: FORMAT_KEY, value: Buffer.from('3') });
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
    await alter({ key: FORMAT_KEY });
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
  });

  it('lets go of the store when it cannot be opened', async () => {
    await filled();
    await alter({ key: FORMAT_KEY, value: Buffer.from('3') });
    await expect(openLevelKeystore(folder, clock)).rejects.toMatchObject({ code: 'WRONG_FORMAT' });
    await alter({ key: FORMAT_KEY, value: Buffer.from('1') });
    await (await openLevelKeystore(folder, clock)).close();
  });
});

describe('openLevelRows', () => {
  it('says NO_STORE, and makes nothing, where no store is and none is to be made', async () => {
    await expect(openLevelRows(folder, { create: false })).rejects.toMatchObject({ code: 'NO_STORE' });
    expect(await readdir(folder)).toEqual([]);
    const missing = path.join(folder, 'missing');
    await expect(openLevelRows(missing, { create: false })).rejects.toMatchObject({ code: 'NO_STORE' });
  });
});
