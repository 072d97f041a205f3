import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import { addObjects } from '../../src/sif/change-image.ts';
import { createSif } from '../../src/sif/create-image.ts';
import { DATA_TYPE } from '../../src/sif/data-type.ts';
import { openSif } from '../../src/sif/image.ts';
import type { SifImage } from '../../src/sif/image.ts';
import type { ObjectInput } from '../../src/sif/object-input.ts';
import { partitionExtra } from '../../src/sif/write-extra.ts';
import { inTempFolder } from './temporary-folder.ts';

export const NOW = 1_700_000_000;
export const LATER: { readonly now: number } = { now: NOW + 60 };

export const generic = (text: string, more: Partial<ObjectInput> = {}): ObjectInput => ({
  type: DATA_TYPE.generic,
  content: [Buffer.from(text)],
  ...more,
});
export const system = (use: number, architecture: string): ObjectInput => ({
  type: DATA_TYPE.partition,
  content: [Buffer.from(architecture)],
  extra: partitionExtra(4, use, architecture),
});

/** An image in a folder of its own, and nothing beside it before and after. */
export async function onImage<T>(
  inputs: readonly ObjectInput[],
  use: (path: string) => Promise<T>,
  deterministic = false,
): Promise<T> {
  return inTempFolder(async (folder) => {
    const path = join(folder, 'image.sif');
    await createSif(path, inputs, { now: NOW, deterministic });
    const result = await use(path);
    expect(await readdir(folder)).toEqual(['image.sif']);
    return result;
  });
}

export async function read(path: string): Promise<SifImage> {
  return openSif(new MemorySource(await readFile(path)));
}

export async function add(path: string, ...inputs: readonly ObjectInput[]): Promise<readonly number[]> {
  const added = await addObjects(path, async () => inputs, LATER);
  return added.map(({ id }) => id);
}
