import { createHash } from 'node:crypto';

import { beforeAll, describe, expect, test } from 'vitest';

import { MemorySource } from '../../src/bytes/memory-source.ts';
import type { KeySource } from '../../src/integrity/key-source.ts';
import { verifyLegacy } from '../../src/integrity/legacy.ts';
import type { LegacyOptions, LegacyReport } from '../../src/integrity/legacy.ts';
import { openSif } from '../../src/sif/image.ts';
import {
  buildImage,
  clearSigned,
  GROUP,
  payloadOf,
  signatureObject,
  twoObjects,
} from '../fixtures/sif-image.ts';
import type { ObjectSpec, SignatureSpec } from '../fixtures/sif-image.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { NOW } from '../openpgp/checked.ts';
import {
  armoredCertificate,
  certificateOf,
  corpus,
  HAVE_CORPUS,
  keySource,
  outcomes,
  verify,
} from './verified.ts';

const alice = new TestKey();
let keys: KeySource;
beforeAll(async () => {
  keys = keySource(await certificateOf(alice));
});

const [json, partition] = twoObjects() as [ObjectSpec, ObjectSpec];
const sha384 = (...contents: Buffer[]): string =>
  createHash('sha384').update(Buffer.concat(contents)).digest('hex');

/** As Singularity 3.5 wrote it: hash type SHA-384. */
function legacy(hex: string, more: SignatureSpec = {}): ObjectSpec {
  const message = clearSigned(alice, `SIFHASH:\n${hex}`);
  return signatureObject(message, { fingerprint: alice.fingerprint, hashType: 2, ...more });
}
const ofObject = (id: number, hex: string): ObjectSpec => legacy(hex, { link: id, name: 'part-signature' });
const ofObjectInGroup = (id: number, hex: string): ObjectSpec => {
  const { group: _, ...rest } = ofObject(id, hex);
  return rest;
};
const ofGroup = legacy(sha384(json.data, partition.data));

async function look(
  objects: readonly ObjectSpec[],
  options: Partial<LegacyOptions> = {},
): Promise<LegacyReport> {
  return verifyLegacy(await openSif(new MemorySource(buildImage(objects))), { keys, at: NOW, ...options });
}

const matches = ({ tasks }: LegacyReport): boolean[] => tasks.map(({ contentsMatch }) => contentsMatch);

test('2.7 a group signature covers the contents of the group, one after the other', async () => {
  const report = await look([json, partition, ofGroup]);
  expect(report.tasks).toMatchObject([
    {
      groupId: 1,
      contentsMatch: true,
      objects: [1, 2],
      signatures: [
        { signatureId: 3, outcome: 'content-matches', madeBy: { fingerprint: alice.fingerprint } },
      ],
    },
  ]);
  expect(report.tasks[0]?.signatures[0]).not.toHaveProperty('signer');
});

test('2.7 an object signature covers the content of one object', async () => {
  const image = [json, partition, ofObjectInGroup(2, sha384(partition.data))];
  expect(matches(await look(image, { selection: { objects: [2] } }))).toEqual([true]);
  expect(matches(await look(image, { selection: { objects: [1] } }))).toEqual([false]);
  expect(matches(await look(image))).toEqual([false]);
  expect(matches(await look(image, { everyObject: true }))).toEqual([false, true]);
});

describe('7.6 legacy signatures never count', () => {
  test('an image with legacy signatures only is unsigned', async () => {
    const image = [json, partition, ofGroup];
    const report = await verify(buildImage(image), { keys });
    expect(report).toMatchObject({
      verified: false,
      legacySignatures: [3],
      tasks: [{ verdict: 'unsigned', signatures: [] }],
    });
  });

  test('of a legacy and a modern one only the modern one is seen', async () => {
    const objects = [json, partition];
    const modern = signatureObject(clearSigned(alice, payloadOf(objects)), {
      fingerprint: alice.fingerprint,
    });
    const image = [...objects, ofGroup, modern];
    const report = await verify(buildImage(image), { keys });
    expect(report).toMatchObject({ verified: true, legacySignatures: [3] });
    expect(outcomes(report)).toEqual([['valid 1,2']]);
    expect(matches(await look(image))).toEqual([true]);
  });

  test.each([
    ['the use of a partition', [json, { ...partition, extra: Buffer.alloc(384, 1) }]],
    ['a name', [{ ...json, name: 'other' }, partition]],
    [
      'where one object ends and the next begins',
      [
        { ...json, data: Buffer.concat([json.data, partition.data.subarray(0, 9)]) },
        { ...partition, data: partition.data.subarray(9) },
      ],
    ],
  ])('they cover too little: %s may change', async (_, objects: ObjectSpec[]) => {
    expect(matches(await look([...objects, ofGroup]))).toEqual([true]);
    expect((await verify(buildImage([...objects, ofGroup]), { keys })).verified).toBe(false);
  });
});

test('2.7 changed content, another key, digests of another kind and other messages do not match', async () => {
  const reasons = async (objects: ObjectSpec[], options: Partial<LegacyOptions> = {}) =>
    (await look(objects, options)).tasks.flatMap(({ signatures }) =>
      signatures.map((one) => (one.outcome === 'invalid' ? one.reason : one.outcome)),
    );
  const changed = { ...json, data: Buffer.from('{"a":2}') };
  expect(await reasons([changed, partition, ofGroup])).toEqual(['CONTENT_CHANGED']);
  expect(await reasons([json, partition, ofGroup], { keys: keySource() })).toEqual(['unknown-signer']);
  const hex = sha384(json.data, partition.data);
  const other = new TestKey().fingerprint;
  expect(await reasons([json, partition, legacy(hex, { fingerprint: other })])).toEqual([
    'WRONG_FINGERPRINT',
  ]);
  for (const hashType of [1, 3, 4, 99]) {
    expect(await reasons([json, partition, legacy(hex, { hashType })])).toEqual(['BAD_METADATA']);
  }
  expect(await reasons([json, partition, legacy(`${hex}\nmore`)])).toEqual(['BAD_METADATA']);
  const modern = { ...ofGroup, data: clearSigned(alice, 'hello'), link: 2 };
  expect(await reasons([json, partition, modern], { selection: { objects: [2] } })).toEqual(['BAD_FORMAT']);
});

test('2.7 an image without groups has no tasks; unknown groups and objects are refused', async () => {
  expect(await look([])).toEqual({ tasks: [] });
  expect(await look([], { everyObject: true })).toEqual({ tasks: [] });
  const one = [{ ...json, group: GROUP + 2 }];
  await expect(look(one, { selection: { groups: [1] } })).rejects.toMatchObject({ code: 'NO_SUCH_GROUP' });
});

describe.skipIf(!HAVE_CORPUS)('published images (needs ../shared/testdata)', () => {
  test('6.1 a legacy signature of object 2', async () => {
    const signers = keySource(await armoredCertificate('sylabs-sif/pgp-public.asc'));
    const image = await openSif(new MemorySource(corpus('sylabs-sif/one-group-signed-legacy.sif')));
    const of = async (options: Partial<LegacyOptions>) =>
      (await verifyLegacy(image, { keys: signers, at: 1_790_000_000, ...options })).tasks;
    expect(await of({ selection: { objects: [2] } })).toMatchObject([{ contentsMatch: true, objects: [2] }]);
    expect(await of({ selection: { objects: [1] } })).toMatchObject([
      { contentsMatch: false, signatures: [] },
    ]);
    expect(await of({ selection: { groups: [1] } })).toMatchObject([
      { contentsMatch: false, signatures: [] },
    ]);
    expect(await of({ everyObject: true })).toMatchObject([
      { contentsMatch: false },
      { contentsMatch: true },
    ]);
  });
});
