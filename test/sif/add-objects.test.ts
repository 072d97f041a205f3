import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addObjects, deleteObject } from '../../src/sif/change-image.ts';
import { createSif } from '../../src/sif/create-image.ts';
import { DATA_TYPE } from '../../src/sif/data-type.ts';
import { NO_TIME } from '../../src/sif/layout.ts';
import { add, generic, LATER, NOW, onImage, read, system } from './changing.ts';
import { SAMPLE } from './sample-image.ts';
import { inTempFolder } from './temporary-folder.ts';
import { published, publishedPath } from './testdata.ts';

describe('addObjects', () => {
  it('appends content and descriptor, and sets the time of change', async () => {
    await onImage(SAMPLE, async (path) => {
      const before = await readFile(path);
      expect(
        await add(path, generic('one'), generic('two', { groupId: 2, alignment: 512, name: 'two' })),
      ).toEqual([4, 5]);
      const { header, descriptors } = await read(path);
      expect(header).toMatchObject({ freeSlots: 43, created: NOW, modified: LATER.now });
      const [, , signature, one, two] = descriptors;
      expect(one).toMatchObject({
        offset: before.length,
        size: 3,
        sizePadded: 3,
        created: LATER.now,
        groupId: 1,
      });
      expect(two).toMatchObject({ size: 3, groupId: 2, name: 'two', id: 5 });
      expect((two?.offset ?? 1) % 512).toBe(0);
      expect(signature?.modified).toBe(NOW);
      // What was there is as it was.
      expect((await readFile(path)).subarray(32_176, before.length)).toEqual(before.subarray(32_176));
    });
  });

  it('gives the same octets as making the image at once', async () => {
    await inTempFolder(async (folder) => {
      const [whole, grown] = [join(folder, 'whole.sif'), join(folder, 'grown.sif')];
      await createSif(whole, SAMPLE, { now: NOW, deterministic: true });
      await createSif(grown, [], { now: NOW, deterministic: true });
      for (const input of SAMPLE) await addObjects(grown, async () => [input], LATER);
      expect(Buffer.compare(await readFile(whole), await readFile(grown))).toBe(0);
    });
  });

  it('keeps an image without times without them, unless it is told a time', async () => {
    await onImage(
      [],
      async (path) => {
        await add(path, generic('a'));
        expect((await read(path)).header.modified).toBe(NO_TIME);
        await addObjects(path, async () => [generic('b', { time: 7 })], { ...LATER, time: 5 });
        const { header, descriptors } = await read(path);
        expect([header.modified, ...descriptors.map(({ created }) => created)]).toEqual([5, NO_TIME, 7]);
      },
      true,
    );
  });

  it('shows the image as it is to whoever makes the objects, and reads from it', async () => {
    await onImage([generic('held')], async (path) => {
      await addObjects(
        path,
        async (image) =>
          image.descriptors.map((one) => ({ type: DATA_TYPE.generic, content: image.data(one) })),
        LATER,
      );
      const image = await read(path);
      const [first, second] = await Promise.all(image.descriptors.map((one) => image.read(one, 100)));
      expect(second).toEqual(first);
    });
  });

  it('7.8 takes the place and ID of a deleted object, and its octets at the end', async () => {
    await onImage([generic('one'), generic('twotwo')], async (path) => {
      await deleteObject(path, 2, LATER);
      expect(await add(path, generic('three'))).toEqual([2]);
      const { header, descriptors } = await read(path);
      expect(descriptors.map(({ id, offset }) => [id, offset])).toEqual([
        [1, 32_176],
        [2, 32_179],
      ]);
      expect(header.dataSize).toBe(8);
      expect((await stat(path)).size).toBe(32_176 + 9);
    });
  });

  it('7.8 refuses an image without a free descriptor, and leaves it as it was', async () => {
    await inTempFolder(async (folder) => {
      const path = join(folder, 'full.sif');
      await createSif(path, SAMPLE, { now: NOW, slots: 4 });
      const before = await readFile(path);
      await expect(add(path, generic('fits'), generic('does not'))).rejects.toMatchObject({
        code: 'TABLE_FULL',
      });
      expect(Buffer.compare(await readFile(path), before)).toBe(0);
    });
  });

  it('leaves the image as it was when the content breaks off or is refused', async () => {
    await onImage(SAMPLE, async (path) => {
      const before = await readFile(path);
      const breaking = async function* breaking(): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(100_000);
        throw new RangeError('the pipe broke');
      };
      await expect(add(path, generic('', { content: breaking() }))).rejects.toThrow('the pipe broke');
      await expect(add(path, generic('x', { name: 'x'.repeat(129) }))).rejects.toMatchObject({
        code: 'BAD_INPUT',
      });
      await expect(add(path, system(2, 'arm64'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
      await addObjects(path, async () => [], LATER);
      expect(Buffer.compare(await readFile(path), before)).toBe(0);
    });
  });

  it('sets the architecture of the image with its first primary partition', async () => {
    await onImage([system(1, 'amd64')], async (path) => {
      expect((await read(path)).header.architecture).toBe('00');
      await add(path, system(2, 'riscv64'));
      expect((await read(path)).header.architecture).toBe('12');
    });
  });

  it('gives no ID twice in an image whose IDs do not count the slots', async () => {
    await onImage([generic('a')], async (path) => {
      const bytes = await readFile(path);
      bytes.writeUInt32LE(2, 4096 + 5);
      await writeFile(path, bytes);
      expect(await add(path, generic('b'), generic('c'))).toEqual([3, 4]);
      expect((await read(path)).descriptors.map(({ id }) => id)).toEqual([2, 3, 4]);
    });
  });

  it.skipIf(!published)(
    'adds to images of the writer of 2018 at their own data offset (needs ../shared/testdata)',
    async () => {
      await inTempFolder(async (folder) => {
        const path = join(folder, 'v1.sif');
        await copyFile(publishedPath('singularity/one-group.sif'), path);
        await writeFile(path, await readFile(path));
        await add(path, generic('new', { alignment: 65_536 }));
        const image = await read(path);
        expect(image.header.dataOffset).toBe(32_768);
        expect(image.descriptors.at(-1)).toMatchObject({ id: 3, offset: 65_536, size: 3 });
      });
    },
  );

  it('7.7 refuses what is not a regular file, and what is not an image, and touches neither', async () => {
    await inTempFolder(async (folder) => {
      await mkdir(join(folder, 'folder'));
      await expect(add(join(folder, 'folder'), generic('x'))).rejects.toMatchObject({ code: 'EISDIR' });
      await expect(add(join(folder, 'none'), generic('x'))).rejects.toMatchObject({ code: 'ENOENT' });
      await writeFile(join(folder, 'text'), 'not an image');
      await expect(add(join(folder, 'text'), generic('x'))).rejects.toMatchObject({ code: 'NOT_A_SIF' });
      expect(await readFile(join(folder, 'text'), 'utf8')).toBe('not an image');
      expect((await readdir(folder)).toSorted()).toEqual(['folder', 'text']);
    });
  });
});
