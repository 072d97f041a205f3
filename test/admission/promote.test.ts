import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { promote } from '../../src/admission/promote.ts';
import type { Promoted } from '../../src/admission/promote.ts';
import {
  bench,
  hasTightFolder,
  imageOctets,
  IS_ROOT,
  temporaryFolder,
  tightFolder,
} from './image/image-files.ts';
import type { Bench } from './image/image-files.ts';

const octets = imageOctets();
const sha256 = createHash('sha256').update(octets).digest('hex');

let made: Bench;
let store: string;
beforeEach(async () => {
  const home = hasTightFolder() ? tightFolder() : temporaryFolder();
  store = join(home, 'store');
  made = await bench({ store }, home);
});
afterEach(() => made.stop());

const promoted = (path: string, digest = sha256): Promise<Promoted> =>
  promote(Buffer.from(path), { store, sha256: digest, reader: made.reader });
const drafts = (): string[] => readdirSync(join(store, '.drafts'));
const target = (): string => join(store, sha256.slice(0, 2), `${sha256}.sif`);

test('the copy is under its digest, and nobody can write it', async () => {
  const done = await promoted(made.file('a.sif'));
  expect(done).toMatchObject({ path: target(), sha256 });
  expect(['reflink', 'copy']).toContain(done.method);
  expect(readFileSync(target())).toEqual(octets);
  expect(statSync(target()).mode & 0o7777).toBe(0o444);
  expect([store, join(store, sha256.slice(0, 2))].map((one) => statSync(one).mode & 0o7777)).toEqual([
    0o755, 0o755,
  ]);
  expect(statSync(join(store, '.drafts')).mode & 0o7777).toBe(0o700);
  expect(drafts()).toEqual([]);
});

test.skipIf(!hasTightFolder())('it is bound as `store` (needs a folder nobody else can write)', async () => {
  await promoted(made.file('a.sif'));
  expect((await made.look(target())).binding).toBe('store');
});

test.skipIf(!hasTightFolder())(
  'nobody waits for it to be read again after it was put in its place (needs a folder nobody else can write)',
  async () => {
    const path = made.file('a.sif');
    await promoted(path);
    const { hashes } = made.reader.counters;
    expect(await made.look(target())).toMatchObject({ cached: true, binding: 'store' });
    expect((await promoted(path)).method).toBe('present');
    expect(made.reader.counters.hashes).toBe(hashes);
  },
);

test('whatever mode the image has, the copy has its own', async () => {
  const path = made.file('a.sif');
  chmodSync(path, 0o6755);
  await promoted(path);
  expect(statSync(target()).mode & 0o7777).toBe(0o444);
});

test.skipIf(!hasTightFolder())(
  'a copy that is there is read again, and replaced when it is another (needs a folder nobody else can write)',
  async () => {
    const path = made.file('a.sif');
    await promoted(path);
    expect((await promoted(path)).method).toBe('present');
    chmodSync(target(), 0o644);
    writeFileSync(target(), imageOctets(1));
    chmodSync(target(), 0o444);
    expect((await promoted(path)).method).not.toBe('present');
    expect(readFileSync(target())).toEqual(octets);
  },
);

describe('what is refused leaves nothing', () => {
  const expectNothing = async (promotion: Promise<unknown>): Promise<void> => {
    await expect(promotion).rejects.toMatchObject({ code: 'PROMOTE_FAILED' });
    expect(drafts()).toEqual([]);
    expect(existsSync(target())).toBe(false);
  };

  test('an image that is not the admitted one any more', async () => {
    await expectNothing(promoted(made.file('a.sif', imageOctets(1))));
  });

  test('no image, nothing, a link, a device', async () => {
    await expectNothing(promoted(made.file('text.sif', Buffer.from('text '.repeat(100)))));
    await expectNothing(promoted(join(made.folder, 'absent.sif')));
    symlinkSync(made.file('a.sif'), join(made.folder, 'link.sif'));
    await expectNothing(promoted(join(made.folder, 'link.sif')));
    await expectNothing(promoted('/dev/zero'));
  });

  test('a place that cannot be made', async () => {
    const path = made.file('a.sif');
    writeFileSync(store, 'a file');
    await expect(promoted(path)).rejects.toMatchObject({ code: 'PROMOTE_FAILED' });
    rmSync(store);
  });

  test('drafts of processes that are gone are removed', async () => {
    mkdirSync(join(store, '.drafts'), { recursive: true });
    writeFileSync(join(store, '.drafts', `${2 ** 22 + 5}-0123`), 'left');
    await promoted(made.file('a.sif'));
    expect(drafts()).toEqual([]);
  });

  const mounted = (folder: string): boolean => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };

  test.skipIf(!IS_ROOT)('a full disk (needs root and the right to mount)', async ({ skip }) => {
    mkdirSync(store);
    if (!mounted(store)) skip('mounting is not allowed here');
    try {
      const path = made.file('a.sif', Buffer.concat([octets, Buffer.alloc(2 * 2 ** 20)]));
      const promotion = promoted(path);
      await expectNothing(promotion);
      await expect(promotion).rejects.toMatchObject({ cause: { code: 'ENOSPC' } });
    } finally {
      execFileSync('umount', [store]);
    }
  });
});
