import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { deleteObject, setPrimaryPartition } from '../../src/sif/change-image.ts';
import type { DeleteOptions } from '../../src/sif/change-image.ts';
import { partitionOf } from '../../src/sif/extra.ts';
import type { SifImage } from '../../src/sif/image.ts';
import { generic, LATER, NOW, onImage, read, system } from './changing.ts';
import { published, publishedImage } from './testdata.ts';

describe('deleteObject', () => {
  const three = [generic('aaaa'), system(2, 'amd64'), generic('cccc')];
  const deleted = async (
    id: number,
    options: Partial<DeleteOptions>,
  ): Promise<{ image: SifImage; bytes: Buffer }> =>
    onImage(three, async (path) => {
      await deleteObject(path, id, { ...LATER, ...options });
      return { image: await read(path), bytes: await readFile(path) };
    });

  it('frees the descriptor, and leaves file, content and size of the data', async () => {
    const { image, bytes } = await deleted(3, {});
    expect(image.header).toMatchObject({
      freeSlots: 46,
      modified: LATER.now,
      dataSize: bytes.length - 32_176,
    });
    expect(image.descriptors.map(({ id }) => id)).toEqual([1, 2]);
    expect(bytes.subarray(-4).toString()).toBe('cccc');
    expect(bytes.subarray(4096 + 2 * 585, 4096 + 3 * 585).every((octet) => octet === 0)).toBe(true);
  });

  it('takes the architecture away with the primary partition', async () => {
    const { image } = await deleted(2, {});
    expect(image.header.architecture).toBe('00');
  });

  it('overwrites the content with zeros when asked to', async () => {
    const { image, bytes } = await deleted(1, { zero: true });
    expect(bytes.subarray(32_176, 32_180)).toEqual(Buffer.alloc(4));
    expect(image.descriptors.map(({ id }) => id)).toEqual([2, 3]);
  });

  it('cuts off the file behind the last object that stays when asked to', async () => {
    const { image, bytes } = await deleted(3, { compact: true });
    expect(bytes.length).toBe(32_768 + 5);
    expect(image.header.dataSize).toBe(32_768 + 5 - 32_176);
    // An object in the middle leaves nothing to cut off.
    expect((await deleted(2, { compact: true })).bytes.length).toBe(32_768 + 5 + 4);
  });

  it.skipIf(!published)(
    '7.8 of all objects, compact, gives the empty image again (needs ../shared/testdata)',
    async () => {
      await onImage(
        [generic('a'), generic('b')],
        async (path) => {
          for (const id of [1, 2]) await deleteObject(path, id, { ...LATER, zero: true, compact: true });
          expect(Buffer.compare(await readFile(path), publishedImage('sylabs-sif/empty.sif'))).toBe(0);
        },
        true,
      );
    },
  );

  it('refuses an ID that no object has', async () => {
    await onImage(three, async (path) => {
      const before = await readFile(path);
      for (const id of [0, 4, 2 ** 32]) {
        await expect(deleteObject(path, id, LATER)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
      }
      expect(Buffer.compare(await readFile(path), before)).toBe(0);
    });
  });
});

describe('setPrimaryPartition', () => {
  const uses = ({ descriptors }: SifImage): (number | undefined)[] =>
    descriptors.map((one) => partitionOf(one)?.use);

  it('makes one partition primary and the other a system partition, with the architecture', async () => {
    await onImage([system(2, 'amd64'), system(1, 's390x')], async (path) => {
      expect(await setPrimaryPartition(path, 2, LATER)).toBe(true);
      const image = await read(path);
      expect(uses(image)).toEqual([1, 2]);
      expect(image.header).toMatchObject({ architecture: '11', modified: LATER.now });
      expect(image.descriptors.map(({ created, modified }) => [created, modified])).toEqual([
        [NOW, LATER.now],
        [NOW, LATER.now],
      ]);
    });
  });

  it('does nothing to the primary partition', async () => {
    await onImage([system(2, 'amd64')], async (path) => {
      const before = await readFile(path);
      expect(await setPrimaryPartition(path, 1, LATER)).toBe(false);
      expect(Buffer.compare(await readFile(path), before)).toBe(0);
    });
  });

  it('refuses data partitions and what is none', async () => {
    await onImage([system(3, 'amd64'), generic('x')], async (path) => {
      for (const id of [1, 2]) {
        await expect(setPrimaryPartition(path, id, LATER)).rejects.toMatchObject({ code: 'BAD_INPUT' });
      }
      await expect(setPrimaryPartition(path, 3, LATER)).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
    });
  });
});
