import { beforeAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/bytes/byte-source.ts';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import type { SifErrorCode } from '../../src/sif/error.ts';
import { openSif } from '../../src/sif/image.ts';
import { DESCRIPTOR_OCTETS, HEADER } from '../../src/sif/layout.ts';
import { Forger, imageOf, SAMPLE } from './sample-image.ts';

let sample: Buffer;
beforeAll(async () => {
  sample = await imageOf(SAMPLE);
});

async function expectRefused(bytes: Uint8Array, code: SifErrorCode): Promise<void> {
  await expect(openSif(new MemorySource(bytes))).rejects.toMatchObject({ name: 'SifError', code });
}

async function expectRead(bytes: Uint8Array): Promise<void> {
  const image = await openSif(new MemorySource(bytes));
  expect(image.descriptors.map(({ id }) => id)).toEqual([1, 2, 3]);
}

describe('openSif, of the file and the header,', () => {
  it.each([
    [0, 'NOT_A_SIF'],
    [10, 'NOT_A_SIF'],
    [127, 'NOT_A_SIF'],
    [128, 'BAD_HEADER'],
    [4096, 'BAD_HEADER'],
    [20_000, 'BAD_HEADER'],
    [32_175, 'BAD_HEADER'],
  ] as const)('7.1 refuses a file truncated to %i octets', async (length, code) => {
    await expectRefused(sample.subarray(0, length), code);
  });

  it('7.1 refuses an image truncated in the data, by however little', async () => {
    await expectRefused(sample.subarray(0, 32_176), 'BAD_DESCRIPTOR');
    await expectRefused(sample.subarray(0, 34_000), 'BAD_DESCRIPTOR');
    await expectRefused(sample.subarray(0, -1), 'BAD_DESCRIPTOR');
  });

  it('7.1 refuses an object beyond the end of the file, however it was signed (≠Go, which hashes what is there)', async () => {
    await expectRefused(new Forger(sample).long(1, 'size', 2 ** 20).bytes, 'BAD_DESCRIPTOR');
  });

  it('7.1 reads an image with octets behind the last object or in the gaps changed: nothing covers them', async () => {
    await expectRead(Buffer.concat([sample, Buffer.from('behind')]));
    const gaps = Buffer.from(sample);
    for (const at of [128, 4095, 32_176 + 7, 32_767]) gaps[at] = 1;
    await expectRead(gaps);
  });

  it('7.1 refuses another magic, also one without its NUL', async () => {
    for (let at: number = HEADER.magic; at < HEADER.version; at += 1) {
      const forged = Buffer.from(sample);
      forged[at] = (forged[at] ?? 0) ^ 1;
      await expectRefused(forged, 'NOT_A_SIF');
    }
  });

  it.each(['02\0', '1\0\0', '01A', '00\0', '\0\0\0'])('7.1 refuses the version %j', async (version) => {
    const forged = Buffer.from(sample);
    forged.write(version, HEADER.version, 'latin1');
    await expectRefused(forged, 'NOT_A_SIF');
  });

  it('7.1 refuses the magic at another place, which the runtime would take for an image', async () => {
    await expectRefused(Buffer.concat([Buffer.alloc(64), sample]), 'NOT_A_SIF');
  });

  it('7.1 reads an image whose architecture or times were changed: nothing covers them', async () => {
    const forged = new Forger(sample).header('created', -(2n ** 63n)).header('modified', 2n ** 62n);
    forged.bytes.write('99\0', HEADER.architecture, 'latin1');
    const { header } = await openSif(new MemorySource(forged.bytes));
    expect([header.architecture, header.created]).toEqual(['99', -(2 ** 63)]);
    await expectRead(new Forger(sample).header('dataSize', 1).bytes);
  });

  it('7.1 refuses an object before the data', async () => {
    await expectRefused(new Forger(sample).header('dataOffset', 32_177).bytes, 'BAD_DESCRIPTOR');
  });

  it('7.1 reads a changed launch script or UUID, and gives them to be verified', async () => {
    const forged = Buffer.from(sample);
    forged.write('#!/bin/sh\n', 0);
    forged[HEADER.uuid] = 0xff;
    const image = await openSif(new MemorySource(forged));
    const held = await openSif(new MemorySource(sample));
    expect(image.header).toMatchObject({
      launchScript: '#!/bin/sh\n',
      uuid: expect.stringMatching(/^ffa802cc-/),
    });
    expect(Buffer.compare(image.protectedHeader(), held.protectedHeader())).not.toBe(0);
  });

  it.each([0, -5, 44, 46, 48, 49])(
    '7.1 refuses a count of %i free descriptors where 45 are free (≠Go)',
    async (count) => {
      await expectRefused(new Forger(sample).header('freeSlots', count).bytes, 'BAD_HEADER');
    },
  );

  it.each([0, 2, 3, 49])('7.1 refuses a count of %i descriptors in a table for 48', async (count) => {
    await expectRefused(new Forger(sample).header('slots', count).bytes, 'BAD_HEADER');
  });

  it('7.1 refuses a signature hidden by a shorter table', async () => {
    const forged = new Forger(sample).header('slots', 2).header('tableSize', 2 * DESCRIPTOR_OCTETS);
    await expectRefused(forged.bytes, 'BAD_HEADER');
  });

  it('7.1 reads a table that is exactly full', async () => {
    await expectRead(await imageOf(SAMPLE, 3));
  });

  it.each([-1n, 2n ** 62n, -(2n ** 63n), 2n ** 53n + 1n])(
    '7.1 refuses a count of %s descriptors without allocating them (Go panics)',
    async (count) => {
      await expectRefused(new Forger(sample).header('slots', count).bytes, 'BAD_HEADER');
    },
  );

  it.each([28_079, 28_081, 0, -1, 2n ** 62n])(
    '7.1 refuses a table size of %s (≠Go where it is too large)',
    async (size) => {
      await expectRefused(new Forger(sample).header('tableSize', size).bytes, 'BAD_HEADER');
    },
  );

  it.each([2 ** 40, -4096, 127, 0, 4097, 32_176, 2n ** 63n - 1n])(
    '7.1 refuses a table at %s: beyond the end, negative, or over header or data',
    async (offset) => {
      await expectRefused(new Forger(sample).header('tableOffset', offset).bytes, 'BAD_HEADER');
    },
  );

  it('7.1 refuses a table of a million descriptors, though the file has room for it', async () => {
    const count = 1_000_000;
    const forged = new Forger(sample)
      .header('slots', count)
      .header('freeSlots', count - 3)
      .header('tableSize', count * DESCRIPTOR_OCTETS)
      .header('dataOffset', 2 ** 30);
    await expect(openSif(sparse(forged.bytes, 2 ** 36))).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('7.1 reads header and table of a 64 GiB image, and nothing else', async () => {
    const size = 2 ** 36;
    const forged = new Forger(sample).long(1, 'offset', 2 ** 20).long(1, 'size', size - 2 ** 20);
    const read: number[] = [];
    const image = await openSif(sparse(forged.bytes, size, (octets) => read.push(octets)));
    expect(image.descriptors[1]?.size).toBe(size - 2 ** 20);
    expect(read).toEqual([128, 28_080]);
  });
});

/** A file of `size` octets that begins with `bytes` and goes on with zeros. */
function sparse(
  bytes: Uint8Array,
  size: number,
  onRead: (octets: number) => void = () => undefined,
): ByteSource {
  return {
    size,
    read: async (offset, length) => {
      onRead(length);
      const octets = new Uint8Array(length);
      octets.set(bytes.subarray(offset, offset + length));
      return octets;
    },
    stream: () => {
      throw new Error('nothing is streamed here');
    },
    close: async () => undefined,
  };
}
