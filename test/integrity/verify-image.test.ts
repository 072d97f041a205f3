import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import type { ByteSource } from '../../src/bytes/byte-source.ts';
import { MemorySource } from '../../src/bytes/memory-source.ts';
import type { KeySource } from '../../src/integrity/key-source.ts';
import { verifyImage } from '../../src/integrity/verify-image.ts';
import type { VerifyOptions } from '../../src/integrity/verify-image.ts';
import { SifError } from '../../src/sif/error.ts';
import { openSif } from '../../src/sif/image.ts';
import {
  buildImage,
  clearSigned,
  payloadOf,
  signatureObject,
  slotOffset,
  twoObjects,
  withSignature,
} from '../fixtures/sif-image.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { NOW } from '../openpgp/checked.ts';
import { certificateOf, keySource, outcomes, verify } from './verified.ts';

const alice = new TestKey();
const bob = new TestKey();
const good = buildImage(withSignature(alice));
let keys: KeySource;
beforeAll(async () => {
  keys = keySource(await certificateOf(alice), await certificateOf(bob));
});

/** Counts octets, and gives them in small pieces. */
class WatchedSource implements ByteSource {
  readonly #bytes: Uint8Array;
  readonly streamed: [offset: number, length: number][] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return new MemorySource(this.#bytes).read(offset, length);
  }

  async *stream(offset: number, length: number): AsyncIterable<Uint8Array> {
    this.streamed.push([offset, length]);
    const piece = Buffer.alloc(1000);
    for (let at = offset; at < offset + length; at += piece.length) {
      const octets = this.#bytes.subarray(at, Math.min(at + piece.length, offset + length));
      // One piece of memory for all, as a file's reader may have it.
      piece.set(octets);
      yield piece.subarray(0, octets.length);
    }
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

async function watch(octets: Uint8Array, options: Partial<VerifyOptions> = {}) {
  const source = new WatchedSource(octets);
  const report = await verifyImage(await openSif(source), { keys, at: NOW, ...options });
  return { report, streamed: source.streamed };
}

describe('reading', () => {
  test('each object is read once, however many signatures and digests there are', async () => {
    const objects = twoObjects();
    const by = (key: TestKey, digest: readonly [string, string]) =>
      signatureObject(clearSigned(key, payloadOf(objects, { digest })), { fingerprint: key.fingerprint });
    const image = [
      ...objects,
      by(alice, ['sha256', 'sha256']),
      by(bob, ['sha512', 'sha512']),
      by(alice, ['sha384', 'sha384']),
    ];
    const { report, streamed } = await watch(buildImage(image));
    expect(outcomes(report)).toEqual([['valid 1,2', 'valid 1,2', 'valid 1,2']]);
    expect(streamed).toHaveLength(2);
    expect(report.fileDigest).toBeUndefined();
  });

  test('with the digest of the file, the file is read once and nothing else', async () => {
    const { report, streamed } = await watch(good, { wholeFile: true });
    expect(outcomes(report)).toEqual([['valid 1,2']]);
    expect(report.fileDigest).toBe(createHash('sha256').update(good).digest('hex'));
    expect(streamed).toEqual([[0, good.length]]);
  });

  test('S7.2 a changed object is found in either way of reading', async () => {
    const changed = Buffer.from(good);
    const at = changed.indexOf(Buffer.alloc(100, 0x5a)) + 3000;
    changed[at] = 0;
    for (const wholeFile of [false, true]) {
      expect(outcomes((await watch(changed, { wholeFile })).report)).toEqual([['CONTENT_CHANGED 2']]);
    }
  });

  test('objects of no octets are signed, too', async () => {
    const objects = [
      { type: 0x4006, data: Buffer.alloc(0) },
      ...twoObjects(),
      { type: 0x4007, data: Buffer.alloc(0) },
    ];
    const image = buildImage(withSignature(alice, objects));
    for (const wholeFile of [false, true]) {
      expect(outcomes((await watch(image, { wholeFile })).report)).toEqual([['valid 1,2,3,4']]);
    }
  });

  test('7.1 contents are not read for an unknown signer or a changed descriptor, however large', async () => {
    const unknown = await watch(good, { keys: keySource(), wholeFile: true });
    expect(unknown.streamed).toEqual([]);
    const renamed = Buffer.from(good);
    renamed.write('x', slotOffset(1) + 73);
    const { report, streamed } = await watch(renamed);
    expect(outcomes(report)).toEqual([['DESCRIPTOR_CHANGED 2']]);
    expect(streamed).toEqual([]);
  });

  test('7.1 more octets than the caller allows are not read', async () => {
    const source = new WatchedSource(good);
    const image = await openSif(source);
    await expect(verifyImage(image, { keys, at: NOW, mostOctets: 4102 })).rejects.toMatchObject({
      code: 'TOO_MUCH_DATA',
    });
    expect(source.streamed).toEqual([]);
    expect((await verifyImage(image, { keys, at: NOW, mostOctets: 4103 })).verified).toBe(true);
  });

  test('reading can be stopped, and tells how far it is', async () => {
    const seen: [number, number][] = [];
    await watch(good, { onProgress: (...progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual([4103, 4103]);
    const stop = new AbortController();
    const stopped = watch(good, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });

  test('octets behind the last object are counted', async () => {
    const { report } = await watch(Buffer.concat([good, Buffer.from('tail')]));
    expect(report).toMatchObject({ verified: true, trailingOctets: 4 });
  });
});

describe('changes', () => {
  test('5.1 CVE-2020-13847: no octet of header or descriptor that is signed can be changed', async () => {
    const covered = [
      [0, 45],
      [48, 64],
      ...[0, 1].flatMap((slot) =>
        [
          [0, 5],
          [13, 17],
          [25, 33],
          [41, 49],
          [57, 585],
        ].map(([from = 0, to = 0]) => [slotOffset(slot) + from, slotOffset(slot) + to]),
      ),
    ];
    for (const [from = 0, to = 0] of covered) {
      for (let at = from; at < to; at += 1) {
        const changed = Buffer.from(good);
        changed[at] = (changed[at] ?? 0) ^ 0x01;
        const verified = await verify(changed, { keys }).then(
          (report) => report.verified,
          (error: unknown) => {
            if (error instanceof SifError) return false;
            throw error;
          },
        );
        expect(verified, `octet ${at}`).toBe(false);
      }
    }
  });

  /** What a verified image says that it is: everything that a signature is meant to fix. */
  async function meaning(octets: Uint8Array): Promise<string | undefined> {
    const image = await openSif(new MemorySource(octets));
    const report = await verifyImage(image, { keys, at: NOW });
    if (!report.verified) return undefined;
    const objects = image.descriptors.filter(({ groupId }) => groupId !== 0);
    const contents = objects.map(({ offset, size }) =>
      Buffer.from(octets)
        .subarray(offset, offset + size)
        .toString('hex'),
    );
    return JSON.stringify([
      Buffer.from(image.protectedHeader()).toString('hex'),
      objects.map((one) => Buffer.from(image.protectedDescriptor(one)).toString('hex')).toSorted(),
      contents.toSorted(),
      report.tasks.map(({ signatures }) =>
        signatures.map(
          (one) => one.outcome === 'valid' && one.signer.kind === 'pgp' && one.signer.fingerprint,
        ),
      ),
    ]);
  }

  test('no change of octets makes an image verify as something else', async () => {
    const before = await meaning(good);
    const interesting = [...Array(128).keys(), ...Array.from({ length: 3 * 585 }, (_, i) => 4096 + i)];
    const place = fc.oneof(
      fc.constantFrom(...interesting),
      fc.integer({ min: slotOffset(48), max: good.length - 1 }),
    );
    const change = fc.record({ at: place, octet: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const octets = Buffer.from(good);
        for (const { at, octet } of changes) octets[at] = octet;
        try {
          expect([before, undefined]).toContain(await meaning(octets));
        } catch (error) {
          if (!(error instanceof SifError)) throw error;
        }
      }),
      { numRuns: 600 },
    );
  });

  test('S7.1 S7.2 no truncation, and nothing taken out or put in, does either', async () => {
    const before = await meaning(good);
    const cut = fc.record({
      from: fc.integer({ min: 0, max: good.length }),
      take: fc.integer({ min: 0, max: 64 }),
      put: fc.uint8Array({ maxLength: 64 }),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ from, take, put }) => {
        const octets = Buffer.concat([good.subarray(0, from), put, good.subarray(from + take)]);
        const shorter = good.subarray(0, from);
        for (const one of [octets, shorter]) {
          try {
            expect([before, undefined]).toContain(await meaning(one));
          } catch (error) {
            if (!(error instanceof SifError)) throw error;
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
