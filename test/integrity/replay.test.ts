import { beforeAll, describe, expect, test } from 'vitest';

import type { VerifyOptions } from '../../src/integrity/verify-image.ts';
import {
  buildImage,
  clearSigned,
  GROUP,
  payloadOf,
  SIGNATURE_TYPE,
  signatureObject,
  slotOffset,
  twoObjects,
  withSignature,
} from '../fixtures/sif-image.ts';
import type { ObjectSpec } from '../fixtures/sif-image.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { certificateOf, keySource, outcomes, verify } from './verified.ts';

const alice = new TestKey();
const other = new TestKey();
let options: Partial<VerifyOptions>;
beforeAll(async () => {
  options = { keys: keySource(await certificateOf(alice), await certificateOf(other)) };
});
const look = (objects: readonly ObjectSpec[], more: Partial<VerifyOptions> = {}) =>
  verify(buildImage(objects), { ...options, ...more });

/** A signature of the group with this raw number, by Alice. */
const signatureOf = (objects: readonly ObjectSpec[], group = 1): ObjectSpec =>
  signatureObject(clearSigned(alice, payloadOf(objects, { group: GROUP + group })), {
    fingerprint: alice.fingerprint,
    group,
  });

const overlay = (group: number): ObjectSpec => {
  const extra = Buffer.alloc(384);
  extra.writeInt32LE(2, 0);
  extra.writeInt32LE(4, 4);
  extra.write('02\0', 8, 'latin1');
  return { type: 0x4004, data: Buffer.alloc(512, 0x66), extra, group: GROUP + group };
};

test('a signed image verifies', async () => {
  const report = await look(withSignature(alice));
  expect(report).toMatchObject({ verified: true, complete: true });
  expect(outcomes(report)).toEqual([['valid 1,2']]);
});

describe('unsigned additions', () => {
  test('7.3 an unsigned object appended to the group is refused', async () => {
    const report = await look([...withSignature(alice), overlay(1)]);
    expect(report.verified).toBe(false);
    expect(outcomes(report)).toEqual([['OBJECT_NOT_SIGNED 4']]);
  });

  test('7.3 an unsigned object in a new group is refused', async () => {
    const report = await look([...withSignature(alice), overlay(2)]);
    expect(report.verified).toBe(false);
    expect(report.tasks.map(({ verdict }) => verdict)).toEqual(['verified', 'unsigned']);
  });

  test('7.3 an unsigned object in no group is refused, with a selection too', async () => {
    const image = [...withSignature(alice), { ...overlay(1), group: GROUP }];
    for (const selection of [{}, { groups: [1] }, { objects: [2] }]) {
      const report = await look(image, { selection });
      expect(report.verified).toBe(false);
      expect(report.faults).toEqual([{ code: 'UNGROUPED_OBJECT', objectId: 4 }]);
    }
  });

  test('7.3 an object of type 0 in no group is refused', async () => {
    const report = await look([...withSignature(alice), { type: 0, data: Buffer.from('x'), group: GROUP }]);
    expect(report).toMatchObject({ verified: false, faults: [{ code: 'UNGROUPED_OBJECT' }] });
  });

  test('7.3 a signature-type object with a payload, in no group and without a link, is reported as stray', async () => {
    const stray = { type: SIGNATURE_TYPE, data: Buffer.from('payload'), group: GROUP };
    for (const link of [0, GROUP + 9, 2]) {
      const report = await look([...withSignature(alice), { ...stray, link }]);
      expect(report).toMatchObject({ verified: true, strayObjects: [4] });
    }
  });

  test('7.3 garbage linked to the group as a signature is refused', async () => {
    const garbage = signatureObject(Buffer.from('garbage'));
    expect(outcomes(await look([...withSignature(alice), garbage]))).toEqual([['valid 1,2', 'BAD_FORMAT']]);
    const report = await look([...withSignature(alice), { ...garbage, data: Buffer.alloc(0) }]);
    expect(report.verified).toBe(false);
  });

  test('7.3 a signature-type object in a group of its own needs a signature', async () => {
    const own = signatureObject(Buffer.from('payload'), { link: 0 });
    const report = await look([...withSignature(alice), { ...own, group: GROUP + 2 }]);
    expect(report.tasks.map(({ verdict }) => verdict)).toEqual(['verified', 'unsigned']);
  });

  test('7.3 a selection says that it is not the whole image', async () => {
    const inOtherGroup = await look([...withSignature(alice), overlay(2)], { selection: { groups: [1] } });
    expect(inOtherGroup).toMatchObject({ verified: true, complete: false });
    const inSameGroup = await look([...withSignature(alice), overlay(1)], { selection: { objects: [2] } });
    expect(inSameGroup).toMatchObject({ verified: true, complete: false });
    expect(outcomes(inSameGroup)).toEqual([['valid 2']]);
  });

  test('7.3 a signature of one object does not sign its group', async () => {
    const objects = twoObjects();
    const message = clearSigned(alice, payloadOf(objects, { only: [2] }));
    const image = [...objects, signatureObject(message, { fingerprint: alice.fingerprint })];
    expect(outcomes(await look(image))).toEqual([['OBJECT_NOT_SIGNED 1']]);
    expect(outcomes(await look(image, { selection: { objects: [1, 2] } }))).toEqual([
      ['OBJECT_NOT_SIGNED 1'],
      ['valid 2'],
    ]);
  });
});

describe('signatures of something else', () => {
  test('7.3 a signature of another image is refused by its header', async () => {
    const image = buildImage(withSignature(alice), { uuid: Buffer.alloc(16, 7) });
    expect(outcomes(await verify(image, options))).toEqual([['HEADER_CHANGED']]);
    const script = buildImage(withSignature(alice), { launch: '#!/bin/sh\n' });
    expect(outcomes(await verify(script, options))).toEqual([['HEADER_CHANGED']]);
  });

  test('7.3 equal images without UUIDs share a signature: it is the same statement', async () => {
    const header = { uuid: Buffer.alloc(16) };
    const objects = twoObjects();
    const message = clearSigned(alice, payloadOf(objects, { header }));
    const image = [...objects, signatureObject(message, { fingerprint: alice.fingerprint })];
    expect((await verify(buildImage(image, header), options)).verified).toBe(true);
  });

  test('7.3 a group and its signature may stand a second time as another group', async () => {
    const [json] = twoObjects();
    if (json === undefined) throw new Error('no object');
    const one = [json];
    const signature = signatureOf(one);
    const copy = { ...json, group: GROUP + 2 };
    const report = await look([json, copy, signature, { ...signature, link: GROUP + 2 }]);
    expect(outcomes(report)).toEqual([['valid 1'], ['valid 2']]);
  });

  test('7.3 two primary partitions are refused before anything is verified', async () => {
    const objects = twoObjects();
    const image = [...objects, ...objects.map((one) => ({ ...one, group: GROUP + 2 }))];
    await expect(look(image)).rejects.toMatchObject({ code: 'BAD_DESCRIPTOR' });
  });

  test('7.3 signatures of two groups with their links swapped are refused', async () => {
    const objects = [...twoObjects(), overlay(2)];
    const image = [
      ...objects,
      { ...signatureOf(objects, 1), link: GROUP + 2 },
      { ...signatureOf(objects, 2), link: GROUP + 1 },
    ];
    expect(outcomes(await look(image))).toEqual([['OBJECT_NOT_SIGNED 2'], ['OBJECT_MISSING']]);
    expect((await look(image)).verified).toBe(false);
  });

  test('7.3 two signatures linked to one of two equal groups leave the other unsigned', async () => {
    const [json] = twoObjects();
    if (json === undefined) throw new Error('no object');
    const signature = signatureOf([json]);
    const report = await look([json, { ...json, group: GROUP + 2 }, signature, signature]);
    expect(report.tasks.map(({ verdict }) => verdict)).toEqual(['verified', 'unsigned']);
  });
});

describe('the descriptor of the signature', () => {
  test('7.3 a signature that is not linked to the group is not one of it', async () => {
    const objects = twoObjects();
    const signature = signatureOf(objects);
    for (const link of [0, 2, GROUP + 2]) {
      const report = await look([...objects, { ...signature, link }]);
      expect(report.tasks[0]?.verdict).toBe('unsigned');
    }
  });

  test('7.3 a link with a part of the mask is refused as a format (Go: not found)', async () => {
    const objects = twoObjects();
    const image = [...objects, { ...signatureOf(objects), link: 0xe0000001 }];
    await expect(look(image)).rejects.toMatchObject({ code: 'BAD_DESCRIPTOR' });
  });

  test('7.3 times and ID of a signature may change, an ID twice may not', async () => {
    const objects = twoObjects();
    const signature = signatureOf(objects);
    expect((await look([...objects, { ...signature, id: 41, created: 5 }])).verified).toBe(true);
    await expect(look([...objects, { ...signature, id: 2 }])).rejects.toMatchObject({
      code: 'BAD_DESCRIPTOR',
    });
  });

  test('7.3 the hash type is SHA-256, SHA-384 or SHA-512 (Go also takes BLAKE2)', async () => {
    const image = buildImage(withSignature(alice));
    const hashType = slotOffset(2) + 201;
    for (const [type, outcome] of [
      [0, 'BAD_HASH_TYPE'],
      [2, 'valid 1,2'],
      [3, 'valid 1,2'],
      [4, 'BAD_HASH_TYPE'],
      [99, 'BAD_HASH_TYPE'],
    ] as const) {
      image.writeInt32LE(type, hashType);
      expect(outcomes(await verify(image, options))).toEqual([[outcome]]);
    }
  });

  test('7.3 a fingerprint that is zero or of another key is refused', async () => {
    const objects = twoObjects();
    const message = clearSigned(alice, payloadOf(objects));
    for (const fingerprint of ['', other.fingerprint]) {
      const report = await look([...objects, signatureObject(message, { fingerprint })]);
      expect(outcomes(report)).toEqual([['WRONG_FINGERPRINT']]);
      expect(report.tasks[0]?.signatures[0]).toMatchObject({
        attributedTo: { fingerprint: alice.fingerprint },
      });
      expect(report.tasks[0]?.signatures[0]).not.toHaveProperty('signer');
    }
  });

  test('7.3 octets behind the fingerprint are not looked at, as in Go', async () => {
    const objects = twoObjects();
    const message = clearSigned(alice, payloadOf(objects));
    const fingerprint = `${alice.fingerprint}DEADBEEF`;
    expect((await look([...objects, signatureObject(message, { fingerprint })])).verified).toBe(true);
  });

  test('5.1 CVE-2020-13845: a trusted fingerprint over another key\u2019s signature names no signer', async () => {
    const objects = twoObjects();
    const mallory = new TestKey();
    const message = clearSigned(mallory, payloadOf(objects));
    const report = await look([...objects, signatureObject(message, { fingerprint: alice.fingerprint })]);
    expect(report.verified).toBe(false);
    expect(outcomes(report)).toEqual([['unknown-signer']]);
  });
});
