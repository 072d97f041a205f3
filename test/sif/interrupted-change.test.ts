import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, link, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSource } from '../../src/bytes/file-source.ts';
import { addObjects, deleteObject } from '../../src/sif/change-image.ts';
import { createSif } from '../../src/sif/create-image.ts';
import { openSif } from '../../src/sif/image.ts';
import { add, generic, LATER, NOW, onImage, read } from './changing.ts';
import { SAMPLE } from './sample-image.ts';
import { inTempFolder } from './temporary-folder.ts';

describe('a change of an image', () => {
  const undo = '.image.sif.vouch-undo';
  const killer = new URL('./killed-change.mjs', import.meta.url).pathname;

  /** The program changes the image with the built code and kills itself at a write. */
  async function killed(path: string, at: string): Promise<void> {
    const child = spawn(process.execPath, [killer, path, at], { stdio: ['ignore', 'inherit', 'inherit'] });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  }

  it.each(['content', 'table'])('7.8 that was killed at the %s is undone by the next one', async (at) => {
    await onImage(SAMPLE, async (path) => {
      const before = await readFile(path);
      await killed(path, at);
      expect(Buffer.compare(await readFile(path), before)).not.toBe(0);
      await expect(deleteObject(path, 99, LATER)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
      expect(Buffer.compare(await readFile(path), before)).toBe(0);
    });
  });

  it('7.8 that was killed leaves an image that opens as it was until the table is written', async () => {
    await onImage(SAMPLE, async (path) => {
      await killed(path, 'content');
      expect((await read(path)).descriptors).toHaveLength(3);
      await add(path, generic('next'));
      expect((await read(path)).descriptors).toHaveLength(4);
    });
  });

  it('keeps a second one out', async () => {
    await onImage(SAMPLE, async (path) => {
      await addObjects(
        path,
        async () => {
          await expect(add(path, generic('second'))).rejects.toMatchObject({ code: 'IN_USE' });
          return [generic('first')];
        },
        LATER,
      );
      expect((await read(path)).descriptors).toHaveLength(4);
    });
  });

  it('7.8 that was killed when the header was written is done', async () => {
    await onImage(SAMPLE, async (path) => {
      await killed(path, 'header');
      expect((await read(path)).descriptors).toHaveLength(4);
      expect(await add(path, generic('next'))).toEqual([5]);
    });
  });

  it('is not undone when another program has changed the image since', async () => {
    await onImage(SAMPLE, async (path) => {
      await killed(path, 'content');
      const undoFile = join(path, '..', undo);
      const kept = await readFile(undoFile);
      await rm(undoFile);
      await add(path, generic('by another program'));
      await writeFile(undoFile, kept);
      expect(await add(path, generic('next'))).toEqual([5]);
      expect((await read(path)).descriptors).toHaveLength(5);
    });
  });

  it('does not believe a file beside the image that is damaged or a link, and forgets one of another image', async () => {
    await inTempFolder(async (folder) => {
      const [path, other] = [join(folder, 'image.sif'), join(folder, 'other.sif')];
      await createSif(path, SAMPLE, { now: NOW });
      await createSif(other, SAMPLE, { now: NOW });
      await killed(other, 'table');
      const before = await readFile(path);
      const foreign = await readFile(join(folder, '.other.sif.vouch-undo'));
      for (const content of [
        foreign.subarray(0, -1),
        Buffer.from('x'),
        Buffer.alloc(0),
        Buffer.alloc(3_000_000),
      ]) {
        await writeFile(join(folder, undo), content);
        await expect(add(path, generic('x'))).rejects.toMatchObject({ code: 'IN_USE' });
      }
      await rm(join(folder, undo));
      await symlink('.other.sif.vouch-undo', join(folder, undo));
      await expect(add(path, generic('x'))).rejects.toMatchObject({ code: 'IN_USE' });
      expect(Buffer.compare(await readFile(path), before)).toBe(0);
      await rm(join(folder, undo));
      await writeFile(join(folder, undo), foreign);
      expect(await add(path, generic('x'))).toEqual([4]);
      expect((await readdir(folder)).toSorted()).toEqual(['.other.sif.vouch-undo', 'image.sif', 'other.sif']);
    });
  });

  it('goes through symbolic links, and keeps hard links', async () => {
    await inTempFolder(async (folder) => {
      const path = join(folder, 'image.sif');
      await createSif(path, SAMPLE, { now: NOW });
      await link(path, join(folder, 'hard.sif'));
      await symlink('image.sif', join(folder, 'soft.sif'));
      await add(join(folder, 'soft.sif'), generic('x'));
      const source = await FileSource.open(join(folder, 'hard.sif'));
      expect((await openSif(source)).descriptors).toHaveLength(4);
      await source.close();
      expect((await readdir(folder)).toSorted()).toEqual(['hard.sif', 'image.sif', 'soft.sif']);
    });
  });

  it('writes over what lies behind the last object', async () => {
    await onImage([generic('a')], async (path) => {
      await appendFile(path, 'behind');
      await add(path, generic('bc'));
      expect((await readFile(path)).subarray(32_176).toString()).toBe('abchind');
    });
  });
});
