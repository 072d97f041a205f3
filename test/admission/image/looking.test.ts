import { createHash } from 'node:crypto';
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import type { ImageReaderOptions } from '../../../src/admission/image/looking.ts';
import { memoryDb } from '../../../src/admission/memory-db.ts';
import { openStateDb } from '../../../src/admission/state-db.ts';
import { bench, imageOctets, mountedAs, said, temporaryFolder } from './image-files.ts';
import type { Bench } from './image-files.ts';

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

let made: Bench | undefined;
afterEach(async () => {
  await made?.stop();
  made = undefined;
});
async function start(options: Partial<ImageReaderOptions> = {}, folder?: string): Promise<Bench> {
  made = await bench(options, folder);
  return made;
}

const HOUR = 3_600_000;

describe('bytes that are known are not read again', () => {
  test('the second look at a file is from memory, with the time of the first', async () => {
    const { file, look, reader } = await start();
    const path = file('a.sif');
    const first = await look(path);
    expect(first).toMatchObject({ cached: false, binding: 'identity', path: Buffer.from(path) });
    expect(said(first)).toBe(sha256(imageOctets()));
    const second = await look(path);
    expect(second).toEqual({ ...first, cached: true });
    expect(reader.counters).toMatchObject({
      hashes: 1,
      hits: 1,
      misses: 1,
      hashedOctets: imageOctets().length,
    });
    expect(await reader.evidence(said(first))).toEqual('evidence' in first.content && first.content.evidence);
  });

  test('also by another caller, and by another path of the same file', async () => {
    const { folder, file, look, reader } = await start();
    const path = file('a.sif');
    await look(path);
    chmodSync(folder, 0o755);
    renameSync(path, `${path}.new`);
    const again = await look(`${path}.new`);
    expect(said(again)).toBe(sha256(imageOctets()));
    expect((await look(`${path}.new`, { kind: 'user', uid: 4242 })).cached).toBe(true);
    expect(reader.counters.hashes).toBe(2);
  });

  test('after a new start of the service they are known, after one of the machine they are not', async () => {
    const folder = temporaryFolder();
    const octets = imageOctets();
    writeFileSync(join(folder, 'a.sif'), octets);
    const db = await openStateDb(join(folder, 'state'));
    try {
      for (const [bootId, cached] of [
        ['one', false],
        ['one', true],
        ['two', false],
        ['one', false],
      ] as const) {
        const { look, reader } = await bench({ db, bootId }, folder);
        expect(await look(join(folder, 'a.sif'))).toMatchObject({ cached });
        await reader.close();
      }
    } finally {
      await db.close();
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['ext4', 24 * HOUR],
    ['nfs4', 60_000],
    ['lustre', 60_000],
  ])('on %s for no longer than it can be believed', async (type, most) => {
    let later = 0;
    const { file, look } = await start({ now: () => Date.now() + later, mounts: mountedAs(type) });
    const path = file('a.sif');
    // Times of network file systems are coarse: the file has to have been left alone for a while.
    later = 3000;
    const { cached, binding } = await look(path);
    expect({ cached, binding }).toEqual({ cached: false, binding: type === 'ext4' ? 'identity' : 'path' });
    later = 3000 + most - 1000;
    expect((await look(path)).cached).toBe(true);
    later = 3000 + most + 1000;
    expect((await look(path)).cached).toBe(false);
    later = 0;
    expect((await look(path)).cached).toBe(false);
  });

  test.each(['tmpfs', 'fuse.sshfs', 'overlay', 'vfat', '9p'])(
    'on %s never, and nothing is promised',
    async (type) => {
      const { folder, file, look, reader } = await start({ mounts: mountedAs(type) });
      chmodSync(folder, 0o777);
      const path = file('a.sif');
      expect(await look(path)).toMatchObject({ cached: false, binding: 'path' });
      expect(await look(path)).toMatchObject({ cached: false, binding: 'path' });
      expect(reader.counters).toMatchObject({ hashes: 2, hits: 0 });
    },
  );

  test('a file that was only just changed where times are coarse is read again', async () => {
    const { file, look } = await start({ mounts: mountedAs('nfs') });
    const path = file('a.sif');
    await look(path);
    expect((await look(path)).cached).toBe(false);
  });

  test('not when another file system is mounted with the same numbers', async () => {
    const db = memoryDb();
    const { folder, file, look, reader } = await start({
      db,
      mounts: mountedAs('xfs', { source: '/dev/a' }),
    });
    const path = file('a.sif');
    await look(path);
    await reader.close();
    const other = await bench({ db, mounts: mountedAs('xfs', { source: '/dev/b' }) }, folder);
    expect((await other.look(path)).cached).toBe(false);
    await other.reader.close();
  });

  test('problems are found anew each time', async () => {
    const { file, look, reader } = await start();
    const path = file('a.sif', Buffer.from('#!/bin/sh\n'.repeat(20)));
    expect(said(await look(path))).toBe('NOT_SIF');
    writeFileSync(path, imageOctets());
    expect(said(await look(path))).toBe(sha256(imageOctets()));
    expect(reader.counters.hashes).toBe(1);
  });
});
