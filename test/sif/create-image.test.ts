import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import { createSif } from '../../src/sif/create-image.ts';
import type { CreateOptions } from '../../src/sif/create-image.ts';
import { DATA_TYPE } from '../../src/sif/data-type.ts';
import { openSif } from '../../src/sif/image.ts';
import type { ObjectInput } from '../../src/sif/object-input.ts';
import { partitionExtra, sbomExtra } from '../../src/sif/write-extra.ts';
import { inTempFolder } from './temporary-folder.ts';
import { published, publishedImage } from './testdata.ts';

const NOW = 1_700_000_000;

async function made(inputs: readonly ObjectInput[], options: Partial<CreateOptions> = {}): Promise<Buffer> {
  return inTempFolder(async (folder) => {
    const path = join(folder, 'made.sif');
    await createSif(path, inputs, { now: NOW, deterministic: true, ...options });
    expect(await readdir(folder)).toEqual(['made.sif']);
    return readFile(path);
  });
}

/** The content of an object of a published image, as it is an input that its maker used. */
async function content(name: string, id: number): Promise<Uint8Array> {
  const image = await openSif(new MemorySource(publishedImage(name)));
  const descriptor = image.descriptors.find((one) => one.id === id);
  if (descriptor === undefined) throw new Error(`${name} has no object ${id}`);
  return image.read(descriptor, 2 ** 24);
}

async function rawAndSquash(): Promise<ObjectInput[]> {
  const type = DATA_TYPE.partition;
  return [
    { type, content: [Uint8Array.of(0xfa, 0xce, 0xfe, 0xed)], extra: partitionExtra(4, 1, '386') },
    { type, content: [await content('sylabs-sif/one-group.sif', 2)], extra: partitionExtra(1, 2, '386') },
  ];
}

describe.skipIf(!published)(
  'createSif writes octet for octet what the reference library writes (7.8; needs ../shared/testdata):',
  () => {
    const expectSame = (bytes: Uint8Array, name: string): void => {
      expect(Buffer.compare(bytes, publishedImage(`sylabs-sif/${name}`))).toBe(0);
    };

    it('7.8 empty.sif', async () => {
      expectSame(await made([]), 'empty.sif');
    });

    it('7.8 empty-launch-script.sif', async () => {
      expectSame(await made([], { launchScript: '#!/usr/bin/env run-script\n' }), 'empty-launch-script.sif');
    });

    it('7.8 one-object-generic-json.sif', async () => {
      const input = { type: DATA_TYPE.json, name: 'data.json', content: [Buffer.from('{}')] };
      expectSame(await made([input]), 'one-object-generic-json.sif');
    });

    it('7.8 one-object-sbom.sif', async () => {
      const name = 'one-object-sbom.sif';
      const input = {
        type: DATA_TYPE.sbom,
        content: [await content(`sylabs-sif/${name}`, 1)],
        extra: sbomExtra(1),
      };
      expectSame(await made([input]), name);
    });

    it('7.8 one-object-oci-blob.sif, with the digest of what it wrote', async () => {
      const name = 'one-object-oci-blob.sif';
      const bytes = await content(`sylabs-sif/${name}`, 1);
      const pieces = [bytes.subarray(0, 100), new Uint8Array(), bytes.subarray(100)];
      expectSame(await made([{ type: DATA_TYPE.ociBlob, content: pieces }]), name);
    });

    it('7.8 one-group.sif', async () => {
      expectSame(await made(await rawAndSquash()), 'one-group.sif');
    });

    it('7.8 two-groups.sif', async () => {
      const third: ObjectInput = {
        type: DATA_TYPE.partition,
        groupId: 2,
        content: [await content('sylabs-sif/two-groups.sif', 3)],
        extra: partitionExtra(2, 1, 'amd64'),
      };
      expectSame(await made([...(await rawAndSquash()), third]), 'two-groups.sif');
    });
  },
);

describe('createSif', () => {
  it('CVE-2021-29499: gives an image a random UUID of version 4 and the time', async () => {
    const uuids = new Set<string>();
    for (let i = 0; i < 5; i += 1) {
      const { header } = await openSif(new MemorySource(await made([], { deterministic: false })));
      expect(header.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect([header.created, header.modified]).toEqual([NOW, NOW]);
      uuids.add(header.uuid);
    }
    expect(uuids.size).toBe(5);
  });

  it('takes a UUID, with dashes or without', async () => {
    const uuid = '3fa802cc-358b-45e3-bcc0-69dc7a45f9f8';
    for (const given of [uuid, uuid.replaceAll('-', '').toUpperCase()]) {
      const { header } = await openSif(new MemorySource(await made([], { uuid: given })));
      expect(header.uuid).toBe(uuid);
    }
  });

  it('refuses what an image cannot hold, and leaves nothing behind', async () => {
    const partition = { type: DATA_TYPE.partition, content: [], extra: partitionExtra(1, 2, 'amd64') };
    const generic = { type: DATA_TYPE.generic, content: [] };
    const failing = (function* breaking() {
      yield Uint8Array.of(1);
      throw new RangeError('the pipe broke');
    })();
    const cases: readonly (readonly [string, readonly ObjectInput[], Partial<CreateOptions>])[] = [
      ['BAD_INPUT', [], { launchScript: 'x'.repeat(32) }],
      ['BAD_INPUT', [], { uuid: '3fa802cc' }],
      ['BAD_INPUT', [], { slots: 4097 }],
      ['BAD_INPUT', [], { slots: -1 }],
      ['TABLE_FULL', [generic], { slots: 0 }],
      ['TABLE_FULL', [generic, generic], { slots: 1 }],
      ['BAD_INPUT', [partition, partition], {}],
      ['BAD_INPUT', [{ ...generic, name: 'é'.repeat(65) }], {}],
      ['BAD_INPUT', [{ ...generic, name: 'a\0b' }], {}],
      ['BAD_INPUT', [{ ...generic, alignment: 3 }], {}],
      ['BAD_INPUT', [{ ...generic, alignment: 2 ** 40 }], {}],
      ['BAD_INPUT', [{ ...generic, groupId: 2 ** 28 }], {}],
      ['BAD_INPUT', [{ ...generic, groupId: -1 }], {}],
      ['BAD_INPUT', [{ ...generic, type: 2 ** 31 }], {}],
      ['BAD_INPUT', [{ ...generic, link: { kind: 'group', id: 0 } }], {}],
      ['BAD_INPUT', [{ ...generic, extra: new Uint8Array(385) }], {}],
      [
        'TOO_LARGE',
        [{ type: DATA_TYPE.signature, content: [new Uint8Array(2 ** 20), Uint8Array.of(1)] }],
        {},
      ],
      ['the pipe broke', [{ ...generic, content: failing }], {}],
    ];
    await inTempFolder(async (folder) => {
      for (const [code, inputs, options] of cases) {
        const create = createSif(join(folder, 'x.sif'), inputs, { now: NOW, ...options });
        await expect(create).rejects.toMatchObject(code.includes(' ') ? { message: code } : { code });
        expect(await readdir(folder)).toEqual([]);
      }
    });
  });

  it('does not write over a file unless it is told to', async () => {
    await inTempFolder(async (folder) => {
      const path = join(folder, 'held.sif');
      await writeFile(path, 'precious');
      await expect(createSif(path, [], { now: NOW })).rejects.toMatchObject({ code: 'EEXIST' });
      expect(await readFile(path, 'utf8')).toBe('precious');
      await createSif(path, [], { now: NOW, replace: true });
      expect((await stat(path)).size).toBe(32_176);
      expect(await readdir(folder)).toEqual(['held.sif']);
      await mkdir(join(folder, 'folder'));
      await expect(createSif(join(folder, 'folder'), [], { now: NOW, replace: true })).rejects.toThrow();
      expect((await readdir(folder)).toSorted()).toEqual(['folder', 'held.sif']);
    });
  });

  it('can be run as the reference library makes it: mode 0755 less the umask', async () => {
    await inTempFolder(async (folder) => {
      const path = join(folder, 'x.sif');
      await createSif(path, [], { now: NOW });
      expect((await stat(path)).mode & 0o777).toBe(0o755 & ~process.umask());
    });
  });

  it('makes images that it reads, without objects, with empty ones and with a table of its own size', async () => {
    const empty = { type: DATA_TYPE.partition, content: [], extra: partitionExtra(4, 3, 'riscv64') };
    for (const slots of [0, 1, 2, 48, 4096]) {
      const bytes = await made(slots > 1 ? [empty, empty] : [], { slots });
      const image = await openSif(new MemorySource(bytes));
      expect([image.header.slots, image.descriptors.length]).toEqual([slots, slots > 1 ? 2 : 0]);
      for (const descriptor of image.descriptors) expect(await image.read(descriptor, 0)).toHaveLength(0);
    }
  });
});
