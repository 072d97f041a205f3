import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import { describeExtra } from '../../src/sif/extra.ts';
import { SifError } from '../../src/sif/error.ts';
import { openSif } from '../../src/sif/image.ts';
import type { SifImage } from '../../src/sif/image.ts';
import { dataTypeName } from '../../src/sif/data-type.ts';
import { DESCRIPTOR_OCTETS } from '../../src/sif/layout.ts';
import { imageOf, SAMPLE } from './sample-image.ts';
import { published, publishedImage } from './testdata.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(!published)('openSif reads published images (needs ../shared/testdata):', () => {
  const rows = async (name: string): Promise<string[]> => {
    const image = await openSif(new MemorySource(publishedImage(name)));
    return image.descriptors.map(
      (one) =>
        `${one.id} ${one.groupId} ${one.link.kind} ${one.link.id} ${dataTypeName(one.type)} ${describeExtra(one).join('/')}`,
    );
  };

  it('those of today’s writer, signed or not', async () => {
    expect(await rows('sylabs-sif/empty.sif')).toEqual([]);
    expect(await rows('sylabs-sif/two-groups-signed-pgp.sif')).toEqual([
      '1 1 none 0 FS Raw/System/386',
      '2 1 none 0 FS Squashfs/*System/386',
      '3 2 none 0 FS Ext3/System/amd64',
      '4 0 group 1 Signature SHA-256',
      '5 0 group 2 Signature SHA-256',
    ]);
    expect(await rows('sylabs-sif/one-group-signed-legacy.sif')).toHaveLength(3);
    expect(await rows('sylabs-sif/one-group-signed-dsse.sif')).toHaveLength(3);
    expect(await rows('sylabs-sif/one-object-sbom.sif')).toEqual(['1 1 none 0 SBOM cyclonedx-json']);
    expect(await rows('sylabs-sif/one-object-oci-blob.sif')).toEqual([
      expect.stringMatching(/^1 1 none 0 OCI\.Blob sha256:[0-9a-f]{64}$/),
    ]);
  });

  it('those of the writer of 2018, whose data begin at 32768', async () => {
    expect(await rows('singularity/one-group.sif')).toHaveLength(2);
    expect(await rows('singularity/one-group-signed-pgp.sif')).toHaveLength(3);
  });

  it('an image whose data offset is beyond its end, since it has none', async () => {
    const bytes = Buffer.from(publishedImage('sylabs-sif/empty.sif'));
    bytes.writeBigInt64LE(32_768n, 112);
    expect((await openSif(new MemorySource(bytes))).descriptors).toEqual([]);
  });

  it('the octets that are signed: digests as in the signature of the image', async () => {
    const image = await openSif(new MemorySource(publishedImage('sylabs-sif/one-group-signed-pgp.sif')));
    const [first, second] = image.descriptors;
    if (first === undefined || second === undefined) throw new Error('no objects');
    expect(image.protectedHeader()).toHaveLength(61);
    expect(image.protectedDescriptor(first)).toHaveLength(557);
    expect(sha256(image.protectedHeader())).toMatch(/^635fa0a14a8ef0c0/);
    expect(sha256(image.protectedDescriptor(first))).toMatch(/^3634ad01db0dd548/);
    expect(sha256(image.protectedDescriptor(second))).toMatch(/^04b5f87c9692a54f/);
    expect(sha256(await image.read(first, 100))).toMatch(/^004dfc8da678c309/);
    expect(sha256(await image.read(second, 5000))).toMatch(/^9f9c4e5e13193496/);
  });
});

describe('openSif, given anything,', () => {
  let sample: Buffer;
  beforeAll(async () => {
    sample = await imageOf(SAMPLE);
  });

  /** Reads all there is to read, and never more than is there: `MemorySource` throws for that. */
  async function readAll(image: SifImage): Promise<number> {
    let octets = 0;
    image.protectedHeader();
    for (const descriptor of image.descriptors) {
      image.protectedDescriptor(descriptor);
      describeExtra(descriptor);
      for await (const piece of image.data(descriptor)) octets += piece.length;
    }
    return octets;
  }

  async function expectReadOrRefused(bytes: Uint8Array): Promise<void> {
    try {
      expect(await readAll(await openSif(new MemorySource(bytes)))).toBeLessThanOrEqual(bytes.length);
    } catch (error) {
      if (!(error instanceof SifError)) throw error;
    }
  }

  it('reads or refuses every truncation of a good image', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 36_900 }), async (length) =>
        expectReadOrRefused(sample.subarray(0, length)),
      ),
      { numRuns: 300 },
    );
  });

  it('reads or refuses every change of octets in header and descriptors', async () => {
    const place = fc.oneof(
      fc.nat({ max: 127 }),
      fc.nat({ max: 4 * DESCRIPTOR_OCTETS - 1 }).map((at) => 4096 + at),
    );
    const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const forged = Buffer.from(sample);
        for (const [at, octet] of all) forged[at] = octet;
        await expectReadOrRefused(forged);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads or refuses every single change of each octet that means something', async () => {
    for (let at = 0; at < 128; at += 1) {
      for (const octet of [0, 1, 0x7f, 0xff]) {
        const forged = Buffer.from(sample);
        forged[at] = octet;
        await expectReadOrRefused(forged);
      }
    }
    for (let at = 4096; at < 4096 + 3 * DESCRIPTOR_OCTETS; at += 1) {
      const forged = Buffer.from(sample);
      forged[at] = (forged[at] ?? 0) ^ 0xff;
      await expectReadOrRefused(forged);
    }
  });

  it('refuses octets that are nothing', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), expectReadOrRefused));
  });

  it('reads or refuses a header of any numbers', async () => {
    const number = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.nat({ max: 40_000 }).map(BigInt),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 6, maxLength: 6 }), async (numbers) => {
        const forged = Buffer.from(sample);
        for (const [i, value] of numbers.entries()) forged.writeBigInt64LE(value, 80 + 8 * i);
        await expectReadOrRefused(forged);
      }),
      { numRuns: 500 },
    );
  });
});
