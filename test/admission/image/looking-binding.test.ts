import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { createImageReader } from '../../../src/admission/image/looking.ts';
import type { ImageReaderOptions } from '../../../src/admission/image/looking.ts';
import { memoryDb } from '../../../src/admission/memory-db.ts';
import {
  ADMIN,
  bench,
  hasTightFolder,
  imageOctets,
  IS_ROOT,
  mountedAs,
  said,
  temporaryFolder,
  tightFolder,
  WORKER,
} from './image-files.ts';
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

describe('how strongly an answer is bound', () => {
  test('AD3 a held file is bound as `fd`, and its path may lead elsewhere', async () => {
    const { file, reader } = await start();
    const path = file('a.sif');
    const fd = openSync(path, 'r');
    renameSync(file('b.sif', imageOctets(1)), path);
    const held = await reader.look(
      { kind: 'fd', pid: process.pid, fd },
      { caller: { kind: 'user', uid: process.getuid?.() ?? 0 }, deadline: Infinity },
    );
    closeSync(fd);
    expect(held).toMatchObject({ binding: 'fd', path: Buffer.from(path) });
    expect(said(held)).toBe(sha256(imageOctets()));
  });

  test('AD3 a path that leads to another file when reading has ended is reported', async () => {
    const { file, look } = await start();
    const path = file('a.sif', Buffer.concat([imageOctets(), Buffer.alloc(64 * 2 ** 20)]));
    const other = file('b.sif', imageOctets(1));
    const hung = file('keep.sif');
    const looking = look(path);
    // The opened file is kept by another name, so that nothing of it changes but where it is.
    await new Promise((resolve) => setImmediate(resolve));
    renameSync(path, hung);
    renameSync(other, path);
    expect(said(await looking)).toBe('CHANGED_WHILE_READING');
  });

  const tight = hasTightFolder();
  test.skipIf(!IS_ROOT || !tight)(
    'a file that only root can change, to the root of the tree (needs root and a folder of root’s)',
    async () => {
      const { folder, file, look } = await start({}, tightFolder());
      const path = file('a.sif');
      expect((await look(path)).binding).toBe('root-owned');
      const weakened: [() => void, () => void][] = [
        [() => chmodSync(path, 0o664), () => chmodSync(path, 0o644)],
        [() => chmodSync(folder, 0o770), () => chmodSync(folder, 0o700)],
        [() => chmodSync(folder, 0o1777), () => chmodSync(folder, 0o700)],
        [() => chownSync(folder, 4242, 0), () => chownSync(folder, 0, 0)],
        [() => chownSync(path, 4242, 0), () => chownSync(path, 0, 0)],
      ];
      for (const [weaken, mend] of weakened) {
        weaken();
        expect((await look(path)).binding).toBe('identity');
        mend();
        expect((await look(path)).binding).toBe('root-owned');
      }
    },
  );

  test.skipIf(!IS_ROOT || !tight)(
    'root’s files on tmpfs are believed, on file systems of others not (needs root and a folder of root’s)',
    async () => {
      for (const [type, binding, source] of [
        ['tmpfs', 'root-owned', 'tmpfs'],
        ['overlay', 'root-owned', 'overlay'],
        ['nfs', 'path', 'server:/'],
        ['fuse', 'path', 'fuse'],
        ['ext4', 'path', '/dev/loop3'],
      ] as const) {
        const { file, look, stop } = await bench({ mounts: mountedAs(type, { source }) }, tightFolder());
        expect((await look(file('a.sif'))).binding).toBe(binding);
        await stop();
      }
    },
  );

  test.skipIf(!tight)(
    'an image in the store is bound as `store` when it is what its name says (needs a folder nobody else can write)',
    async () => {
      const store = tightFolder();
      const { look } = await start({ store }, store);
      const octets = imageOctets();
      const place = (digest: string): string => join(store, digest.slice(0, 2), `${digest}.sif`);
      const put = (digest: string): string => {
        mkdirSync(dirname(place(digest)), { recursive: true, mode: 0o755 });
        if (existsSync(place(digest))) rmSync(place(digest));
        writeFileSync(place(digest), octets);
        chmodSync(place(digest), 0o444);
        return place(digest);
      };
      const path = put(sha256(octets));
      expect((await look(path)).binding).toBe('store');
      expect((await look(path)).binding).toBe('store');
      expect((await look(put('ab'.repeat(32)))).binding).not.toBe('store');
      chmodSync(path, 0o644);
      expect((await look(path)).binding).not.toBe('store');
      chmodSync(path, 0o444);
      chmodSync(dirname(path), 0o777);
      expect((await look(path)).binding).not.toBe('store');
      chmodSync(dirname(path), 0o755);
      expect((await look(path)).binding).toBe('store');
    },
  );

  test('a file on a mount that cannot be seen from here is refused: its path is that of another namespace', async () => {
    const { file, look } = await start({ mounts: () => new Map() });
    expect(await look(file('a.sif'))).toMatchObject({ binding: 'path', content: { code: 'IO_ERROR' } });
  });

  test('what is mounted here is found by itself', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.sif'), imageOctets());
    const reader = await createImageReader({ db: memoryDb(), now: Date.now, worker: WORKER });
    const path = Buffer.from(join(folder, 'a.sif'));
    const found = await reader.look({ kind: 'path', path }, { caller: ADMIN, deadline: Infinity });
    expect(found.content.kind).toBe('content');
    await reader.close();
    rmSync(folder, { recursive: true });
  });
});
