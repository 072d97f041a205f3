import { beforeAll, describe, expect, it } from 'vitest';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import { DATA_TYPE } from '../../src/sif/data-type.ts';
import type { SifErrorCode } from '../../src/sif/error.ts';
import { signatureClaimOf } from '../../src/sif/extra.ts';
import { openSif } from '../../src/sif/image.ts';
import type { SifImage } from '../../src/sif/image.ts';
import { DESCRIPTOR, DESCRIPTOR_OCTETS, GROUP_MASK } from '../../src/sif/layout.ts';
import { partitionExtra } from '../../src/sif/write-extra.ts';
import { Forger, imageOf, SAMPLE } from './sample-image.ts';

let sample: Buffer;
beforeAll(async () => {
  sample = await imageOf(SAMPLE);
});

const forger = (): Forger => new Forger(sample);

async function read({ bytes }: { bytes: Uint8Array }): Promise<SifImage> {
  return openSif(new MemorySource(bytes));
}

async function expectRefused(forged: { bytes: Uint8Array }, code: SifErrorCode): Promise<void> {
  await expect(read(forged)).rejects.toMatchObject({ name: 'SifError', code });
}

/** What a signature covers of each object. */
async function covered(forged: { bytes: Uint8Array }): Promise<string[]> {
  const image = await read(forged);
  return image.descriptors.map((one) => Buffer.from(image.protectedDescriptor(one)).toString('hex'));
}

describe('openSif, of descriptors,', () => {
  it('7.2 gives every covered octet of a descriptor to be verified', async () => {
    const before = await covered(forger());
    const fields = [DESCRIPTOR.type, DESCRIPTOR.created, DESCRIPTOR.uid, DESCRIPTOR.gid, DESCRIPTOR.name];
    const octets = [...fields, DESCRIPTOR.name + 127, DESCRIPTOR.extra + 20, DESCRIPTOR.extra + 383];
    for (const octet of octets) {
      const forged = forger();
      const at = forged.at(0, 'type') + octet;
      forged.bytes[at] = (forged.bytes[at] ?? 0) ^ 1;
      expect((await covered(forged))[0], `octet ${octet}`).not.toBe(before[0]);
    }
    for (const forged of [forger().long(0, 'size', 6), forger().int(0, 'link', 2)]) {
      expect((await covered(forged))[0]).not.toBe(before[0]);
    }
  });

  it('7.2 leaves out what a signature does not cover: padded size and time of change', async () => {
    const forged = forger().long(0, 'sizePadded', 99).long(0, 'modified', 5).long(1, 'sizePadded', 0);
    expect(await covered(forged)).toEqual(await covered(forger()));
  });

  it.each([-1n, -(2n ** 63n), 2n ** 62n])('7.2 refuses the offset, size or padded size %s', async (value) => {
    for (const field of ['offset', 'size', 'sizePadded'] as const) {
      await expectRefused(forger().long(1, field, value), 'BAD_DESCRIPTOR');
    }
  });

  it('7.2 refuses an object at or beyond the end, over another object, the table or the header', async () => {
    for (const offset of [sample.length, sample.length - 4095, 32_176, 32_179, 4096, 0]) {
      await expectRefused(forger().long(1, 'offset', offset), 'BAD_DESCRIPTOR');
    }
  });

  it('7.2 CVE-2021-41190: refuses overlapping objects: a signature inside a partition (not checked by Go)', async () => {
    await expectRefused(forger().long(2, 'offset', 32_768 + 10), 'BAD_DESCRIPTOR');
  });

  it('7.2 reads an object that was moved, with the same covered octets', async () => {
    const forged = forger().long(0, 'offset', sample.length);
    const moved = { bytes: Buffer.concat([forged.bytes, sample.subarray(32_176, 32_183)]) };
    expect(await covered(moved)).toEqual(await covered(forger()));
    const image = await read(moved);
    const [first] = image.descriptors;
    expect(first && Buffer.from(await image.read(first, 100)).toString()).toBe('{"a":1}');
  });

  it.each([2, 255])('7.2 refuses the mark of use %i (≠Go, which reads it as used)', async (mark) => {
    await expectRefused(forger().octet(0, 'used', mark), 'BAD_DESCRIPTOR');
  });

  it('7.2 no longer sees an object or signature that was set unused', async () => {
    for (const [slot, left] of [
      [0, [2, 3]],
      [2, [1, 2]],
    ] as const) {
      const image = await read(forger().octet(slot, 'used', 0).header('freeSlots', 46));
      expect(image.descriptors.map(({ id }) => id)).toEqual(left);
      await expectRefused(forger().octet(slot, 'used', 0), 'BAD_HEADER');
    }
  });

  it('7.2 reads an object in another group, and its relative ID there', async () => {
    const image = await read(forger().int(1, 'group', GROUP_MASK + 2));
    expect(image.descriptors.map(({ groupId }) => groupId)).toEqual([1, 2, 0]);
  });

  it.each([1, 0x1000_0001, 0xe000_0001])(
    '7.2 refuses the group number 0x%x without the mark of a group',
    async (group) => {
      await expectRefused(forger().int(0, 'group', group), 'BAD_DESCRIPTOR');
    },
  );

  it('7.2 reads an object in no group', async () => {
    const image = await read(forger().int(0, 'group', GROUP_MASK));
    expect(image.descriptors[0]?.groupId).toBe(0);
  });

  it('7.2 covers the same octets when the group is renumbered to 7, or all IDs are 40 higher', async () => {
    const before = await covered(forger());
    const group = GROUP_MASK + 7;
    const renumbered = forger().int(0, 'group', group).int(1, 'group', group);
    expect(await covered(renumbered)).toEqual(before);
    const higher = forger().int(0, 'id', 41).int(1, 'id', 42).int(2, 'id', 43);
    expect(await covered(higher)).toEqual(before);
  });

  it('7.2 refuses the ID 0 (≠Go, which verifies it)', async () => {
    await expectRefused(forger().int(0, 'id', 0).int(1, 'id', 1), 'BAD_DESCRIPTOR');
    await expectRefused(forger().int(0, 'id', 2 ** 28), 'BAD_DESCRIPTOR');
  });

  it('7.2 covers other octets when IDs are swapped, the same when only the table is', async () => {
    const before = await covered(forger());
    const swapped = await covered(forger().int(0, 'id', 2).int(1, 'id', 1));
    expect(swapped).not.toEqual(before);
    const table = forger();
    const [a, b] = [table.at(0, 'type'), table.at(1, 'type')];
    sample.copy(table.bytes, a, b, b + DESCRIPTOR_OCTETS);
    sample.copy(table.bytes, b, a, a + DESCRIPTOR_OCTETS);
    expect(await covered(table)).toEqual([before[1], before[0], before[2]]);
  });

  it('7.2 CVE-2024-3727: refuses two objects of one ID (≠Go where their content is the same)', async () => {
    await expectRefused(forger().copy(2, 3).long(3, 'size', 0), 'BAD_DESCRIPTOR');
    await expectRefused(forger().int(0, 'id', 2), 'BAD_DESCRIPTOR');
  });

  it('7.2 refuses two primary partitions (≠Go, where running fails later)', async () => {
    const [json, primary] = SAMPLE;
    if (json === undefined || primary === undefined) throw new Error('no sample');
    const second = { ...primary, extra: partitionExtra(1, 1, 'amd64') };
    const bytes = await imageOf([primary, second]);
    const forged = new Forger(bytes);
    forged.bytes.writeUInt32LE(2, forged.at(1, 'extra') + 4);
    await expectRefused(forged, 'BAD_DESCRIPTOR');
    // The same octets mean nothing in an object that is no partition.
    await read(forged.int(1, 'type', DATA_TYPE.generic));
  });

  it('7.2 reads empty objects, wherever they say they are', async () => {
    const image = await read(
      forger()
        .long(0, 'size', 0)
        .long(0, 'offset', 2 ** 40),
    );
    const [first] = image.descriptors;
    expect(first && (await image.read(first, 0))).toHaveLength(0);
    await expectRefused(forger().long(0, 'size', 0).long(0, 'offset', 1), 'BAD_DESCRIPTOR');
  });

  it.each([-1n, 2n ** 62n, 2n ** 40n])(
    '7.2 refuses a signature of %s octets without allocating them (Go panics)',
    async (size) => {
      await expectRefused(forger().long(2, 'size', size), 'BAD_DESCRIPTOR');
    },
  );

  it('7.2 refuses a signature of more than 1 MiB, though it is there', async () => {
    const large = { bytes: Buffer.concat([sample, Buffer.alloc(2 ** 20)]) };
    const size = sample.length + 2 ** 20 - 36_864;
    expect((await read(large)).descriptors).toHaveLength(3);
    await expectRefused(new Forger(large.bytes).long(2, 'size', size), 'TOO_LARGE');
  });

  it('7.2 reads objects of unknown types, also 0 and negative ones', async () => {
    for (const type of [0, 0x4fff, 0xffff_ffff]) {
      const image = await read(forger().int(0, 'type', type));
      expect(image.descriptors[0]?.type).toBe(type | 0);
    }
  });

  it.each([GROUP_MASK, 0xe000_0001, 0x1000_0000])(
    '7.3 refuses the link 0x%x: neither to an object nor to a group',
    async (link) => {
      await expectRefused(forger().int(2, 'link', link), 'BAD_DESCRIPTOR');
    },
  );

  it('7.3 reads links to nothing, to an object and to any group, and says which', async () => {
    for (const [link, kind, id] of [
      [0, 'none', 0],
      [2, 'object', 2],
      [GROUP_MASK + 9, 'group', 9],
    ] as const) {
      expect((await read(forger().int(2, 'link', link))).descriptors[2]?.link).toEqual({ kind, id });
    }
  });

  it('7.3 gives hash and claimed fingerprint of a signature as they are, known or not', async () => {
    const forged = forger().int(2, 'extra', 99);
    forged.bytes.fill(0, forged.at(2, 'extra') + 4, forged.at(2, 'extra') + 24);
    forged.bytes[forged.at(2, 'extra') + 30] = 1;
    const [, , signature] = (await read(forged)).descriptors;
    const claim = signature && signatureClaimOf(signature);
    expect(claim).toMatchObject({ hash: 99, fingerprint: undefined });
    expect(claim?.entity[26]).toBe(1);
  });

  it('keeps a name as it is, but for the NULs at its end', async () => {
    const forged = forger();
    forged.bytes.write('a\0b\u001b[2J\0\0', forged.at(0, 'name'), 'latin1');
    forged.bytes.fill(0, forged.at(0, 'name') + 9, forged.at(0, 'extra'));
    expect((await read(forged)).descriptors[0]?.name).toBe('a\0b\u001b[2J');
  });

  it('refuses to read an object of more octets than the reader allows', async () => {
    const image = await read(forger());
    const [, partition] = image.descriptors;
    if (partition === undefined) throw new Error('no partition');
    await expect(image.read(partition, 4095)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(await image.read(partition, 4096)).toHaveLength(4096);
  });
});
