import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { MemorySource } from '../../src/bytes/memory-source.ts';
import { IntegrityError } from '../../src/integrity/error.ts';
import type { ImageEvidence, SignatureEvidence } from '../../src/integrity/evidence.ts';
import type { KeySource } from '../../src/integrity/key-source.ts';
import { readEvidence } from '../../src/integrity/read-evidence.ts';
import type { SignatureReport } from '../../src/integrity/report.ts';
import { readCleartext } from '../../src/openpgp/cleartext.ts';
import { claimsOf } from '../../src/openpgp/makers.ts';
import { verifyMessage } from '../../src/openpgp/message-verdict.ts';
import { SifError } from '../../src/sif/error.ts';
import {
  buildImage,
  clearSigned,
  GROUP,
  payloadOf,
  signatureObject,
  slotOffset,
  twoObjects,
  withSignature,
} from '../fixtures/sif-image.ts';
import type { ObjectSpec } from '../fixtures/sif-image.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { NOW } from '../openpgp/checked.ts';
import { armoredCertificate, certificateOf, corpus, HAVE_CORPUS, keySource, verify } from './verified.ts';

const alice = new TestKey();
const bob = new TestKey();
let keys: KeySource;
beforeAll(async () => {
  keys = keySource(await certificateOf(alice), await certificateOf(bob));
});

const evidenceOf = (octets: Uint8Array): Promise<ImageEvidence> => readEvidence(new MemorySource(octets));
const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

/** By nobody known, or by a key that does not count: for all of these a key is needed. */
const NOT_COUNTED = 'not counted';
const KEY_REASONS: ReadonlySet<string> = new Set(['BAD_SIGNATURE', 'WRONG_FINGERPRINT']);

/** What evidence and a key say together: `valid` and the objects, or why not. */
async function judged(signature: SignatureEvidence, source: KeySource, at: number): Promise<string> {
  if (signature.message === undefined) return signature.fault?.reason ?? NOT_COUNTED;
  const message = readCleartext(Buffer.from(signature.message, 'base64'));
  const found = await source.certificates(claimsOf(message));
  const verdict = await verifyMessage(
    message,
    found.map(({ certificate }) => certificate),
    at,
  );
  if (verdict.status !== 'valid' || verdict.primary !== signature.claimedFingerprint) return NOT_COUNTED;
  return signature.fault?.reason ?? `valid ${signature.covers.join(',')}`;
}

function told(report: SignatureReport): string {
  if (report.outcome === 'valid') return `valid ${report.objects.join(',')}`;
  return report.outcome === 'unknown-signer' || KEY_REASONS.has(report.reason) ? NOT_COUNTED : report.reason;
}

/** Of both ways: everything that has to agree, or the code of the error. */
async function verified(octets: Uint8Array, source: KeySource, at: number): Promise<unknown> {
  const report = await verify(octets, { keys: source, at }).catch(sifCode);
  if (typeof report === 'string') return report;
  const { faults, legacySignatures, strayObjects, trailingOctets } = report;
  const reports = report.tasks
    .flatMap(({ signatures }) => signatures)
    .toSorted((a, b) => a.signatureId - b.signatureId)
    .map((one) => [one.signatureId, one.format, one.claimedFingerprint, told(one)]);
  return { sha256: sha256(octets), faults, legacySignatures, strayObjects, trailingOctets, reports };
}

async function evident(octets: Uint8Array, source: KeySource, at: number): Promise<unknown> {
  const evidence = await evidenceOf(octets).catch(sifCode);
  if (typeof evidence === 'string') return evidence;
  const { faults, legacySignatures, strayObjects, trailingOctets } = evidence;
  const reports = [];
  for (const one of evidence.signatures.toSorted((a, b) => a.id - b.id)) {
    reports.push([one.id, one.format, one.claimedFingerprint, await judged(one, source, at)]);
  }
  return { sha256: evidence.sha256, faults, legacySignatures, strayObjects, trailingOctets, reports };
}

function sifCode(error: unknown): string {
  if (error instanceof SifError) return error.code;
  throw error;
}

async function expectSame(octets: Uint8Array, source: KeySource, at: number): Promise<void> {
  expect(await evident(octets, source, at)).toEqual(await verified(octets, source, at));
}

describe('evidence and a key say what verifying says', () => {
  const objects = twoObjects();
  const by = (key: TestKey, text: string, fingerprint = key.fingerprint): ObjectSpec =>
    signatureObject(clearSigned(key, text), { fingerprint });
  const changed = buildImage(withSignature(alice));
  const images: [string, Buffer][] = [
    ['a signed image', changed],
    ['an unsigned image', buildImage(objects)],
    ['an image without objects', buildImage([])],
    [
      'an object in no group',
      buildImage([...objects, { type: 0x4007, data: Buffer.from('x'), group: GROUP }]),
    ],
    [
      'one object unsigned (CVE-2020-13846)',
      buildImage([...withSignature(alice), { type: 0x4007, data: Buffer.from('x') }]),
    ],
    ['several signatures, one bad', buildImage([...withSignature(alice), by(bob, '{}')])],
    [
      'another fingerprint (CVE-2020-13845)',
      buildImage([...objects, by(alice, payloadOf(objects), bob.fingerprint)]),
    ],
    [
      'a hash type of nobody',
      buildImage([...objects, signatureObject(clearSigned(alice, payloadOf(objects)), { hashType: 4 })]),
    ],
    ['no signature at all in a signature', buildImage([...objects, signatureObject(Buffer.from('hello'))])],
    ['another launch script (CVE-2020-13847)', buildImage(withSignature(alice), { launch: '#!/bin/sh\n' })],
    [
      'a signature with SHA-1 (CVE-2022-39237)',
      buildImage([
        ...objects,
        signatureObject(clearSigned(alice, payloadOf(objects, { digest: ['sha1', 'sha1'] })), {
          fingerprint: alice.fingerprint,
        }),
      ]),
    ],
    ['more behind the last object', Buffer.concat([changed, Buffer.from('more')])],
  ];
  test.each(images)('%s', (_name, image) => expectSame(image, keys, NOW));

  test('whatever octet is changed', async () => {
    const image = buildImage(withSignature(alice));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: image.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const other = Buffer.from(image);
          other.writeUInt8(image.readUInt8(at) ^ mask, at);
          await expectSame(other, keys, NOW);
        },
      ),
      { numRuns: 150 },
    );
    for (let at = slotOffset(2); at < slotOffset(3); at += 7) {
      const other = Buffer.from(image);
      other.writeUInt8(image.readUInt8(at) ^ 1, at);
      await expectSame(other, keys, NOW);
    }
  });

  const published = [
    'sylabs-sif/empty.sif',
    'sylabs-sif/one-group.sif',
    'sylabs-sif/one-group-signed-pgp.sif',
    'sylabs-sif/two-groups-signed-pgp.sif',
    'sylabs-sif/one-group-signed-dsse.sif',
    'sylabs-sif/one-group-signed-legacy.sif',
    'singularity/one-group-signed-pgp.sif',
  ];
  test.skipIf(!HAVE_CORPUS).each(published)('%s (needs ../shared/testdata)', async (path) => {
    const source = keySource(
      await armoredCertificate('sylabs-sif/pgp-public.asc'),
      await armoredCertificate('singularity/pgp-public.asc'),
    );
    await expectSame(corpus(path), source, 1_790_000_000);
  });
});

describe('what evidence has', () => {
  test('objects as they are listed, signatures not among them', async () => {
    const { objects, signatures } = await evidenceOf(buildImage(withSignature(alice)));
    expect(objects).toEqual([
      { id: 1, group: 1, type: 'JSON.Generic', primary: false },
      { id: 2, group: 1, type: 'FS', primary: true },
    ]);
    expect(signatures).toMatchObject([
      { id: 3, group: 1, format: 'pgp', covers: [1, 2], claimedFingerprint: alice.fingerprint },
    ]);
  });

  test('S7.6 a signature in a group is an object of it, so that a group of nothing else is not overlooked', async () => {
    const all = withSignature(alice);
    const stray = { ...signatureObject(Buffer.from('payload'), { link: 0 }), group: GROUP + 2 };
    const { objects } = await evidenceOf(buildImage([...all, stray]));
    expect(objects.map(({ id, group }) => [id, group])).toEqual([
      [1, 1],
      [2, 1],
      [4, 2],
    ]);
  });

  test('a changed content is the fault of every signature that covers it, and the others are told', async () => {
    const image = buildImage(withSignature(alice));
    const at = image.indexOf('{"a":1}');
    image.write('{"a":2}', at);
    expect((await evidenceOf(image)).signatures).toMatchObject([
      { covers: [2], fault: { reason: 'CONTENT_CHANGED', objectId: 1 } },
    ]);
  });

  test('it is plain JSON', async () => {
    const evidence = await evidenceOf(buildImage(withSignature(alice)));
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
  });

  test('reading tells how far it is, and can be stopped', async () => {
    const image = buildImage(withSignature(alice));
    const seen: number[] = [];
    await readEvidence(new MemorySource(image), { onProgress: (done) => seen.push(done) });
    expect(seen.at(-1)).toBe(image.length);
    const stopped = new Error('stopped');
    const reading = readEvidence(new MemorySource(image), { signal: AbortSignal.abort(stopped) });
    await expect(reading).rejects.toBe(stopped);
  });
});

describe('what nobody has vouched for costs little', () => {
  const expectRefused = async (objects: readonly ObjectSpec[]): Promise<void> => {
    const reading = evidenceOf(buildImage(objects));
    await expect(reading).rejects.toBeInstanceOf(IntegrityError);
    await expect(reading).rejects.toMatchObject({ code: 'TOO_MUCH_DATA' });
  };
  const signature = (): ObjectSpec => signatureObject(Buffer.from('x'));

  test('32 signatures are read, 33 are too many', async () => {
    const many = (count: number): ObjectSpec[] => [
      ...twoObjects(),
      ...Array.from({ length: count }, signature),
    ];
    expect((await evidenceOf(buildImage(many(32)))).signatures).toHaveLength(32);
    await expectRefused(many(33));
  });

  test('256 objects are read, 257 are too many', async () => {
    const many = (count: number): ObjectSpec[] =>
      Array.from({ length: count }, () => ({ type: 0x4007, data: Buffer.from('x') }));
    expect((await evidenceOf(buildImage(many(256)))).objects).toHaveLength(256);
    await expectRefused(many(257));
  });

  test('more than 64 KiB of metadata are too many', async () => {
    const text = (octets: number): Buffer => clearSigned(alice, ' '.repeat(octets - 1) + '.');
    const image = (octets: number): ObjectSpec[] => [...twoObjects(), signatureObject(text(octets))];
    const { signatures } = await evidenceOf(buildImage(image(64 * 1024)));
    expect(signatures).toMatchObject([{ fault: { reason: 'BAD_METADATA' } }]);
    await expectRefused(image(64 * 1024 + 1));
  });

  test('a signature object of more than 128 KiB is too much', async () => {
    await expectRefused([...twoObjects(), signatureObject(Buffer.alloc(128 * 1024 + 1, 0x20))]);
  });

  test('four kinds of digests of an object are made, five are too many', async () => {
    const objects = twoObjects();
    const names = [
      ['sha224', 'sha224'],
      ['sha256', 'sha256'],
      ['sha384', 'sha384'],
      ['sha512', 'sha512'],
      ['sha512_256', 'sha512-256'],
    ] as const;
    const image = (count: number): ObjectSpec[] => [
      ...objects,
      ...names
        .slice(0, count)
        .map((digest) => signatureObject(clearSigned(alice, payloadOf(objects, { digest })))),
    ];
    const { signatures } = await evidenceOf(buildImage(image(4)));
    expect(signatures.map(({ covers }) => covers)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    await expectRefused(image(5));
  });
});
