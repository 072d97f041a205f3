import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { FileSource } from '../../src/bytes/file-source.ts';
import { signImage } from '../../src/integrity/sign-image.ts';
import type { SignOptions } from '../../src/integrity/sign-image.ts';
import { checkedKey } from '../../src/integrity/signing-key.ts';
import { publicKeyVerifier } from '../../src/integrity/envelope-verifier.ts';
import { verifyImage } from '../../src/integrity/verify-image.ts';
import type { VerifyOptions } from '../../src/integrity/verify-image.ts';
import { generateSecretKey } from '../../src/openpgp/generate.ts';
import type { NewKeyAlgorithm } from '../../src/openpgp/generate.ts';
import { readCleartext } from '../../src/openpgp/cleartext.ts';
import type { UnlockedKey } from '../../src/openpgp/unlocked-key.ts';
import { addObjects, deleteObject } from '../../src/sif/change-image.ts';
import { openSif } from '../../src/sif/image.ts';
import { buildImage, GROUP, payloadOf, slotOffset, twoObjects } from '../fixtures/sif-image.ts';
import type { ObjectSpec } from '../fixtures/sif-image.ts';
import { DAY, EPOCH } from '../fixtures/test-key.ts';
import { corpus, HAVE_CORPUS, keySource, outcomes } from './verified.ts';

const NOW = EPOCH + DAY;
const change = { now: NOW };

async function newKey(algorithm: NewKeyAlgorithm = { name: 'ed25519' }): Promise<UnlockedKey> {
  const options = { name: 'Alice', email: 'alice@example.org', comment: '', algorithm, created: EPOCH };
  return (await generateSecretKey(options)).unlock();
}

let folder: string;
let path: string;
let key: UnlockedKey;
beforeAll(async () => {
  key = await newKey();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-sign-'));
  path = join(folder, 'image.sif');
});
afterEach(() => rm(folder, { recursive: true }));

const image = (objects: readonly ObjectSpec[]): Promise<void> => writeFile(path, buildImage(objects));
const sign = (options: Partial<SignOptions> = {}) =>
  signImage(path, { signer: { kind: 'pgp', key }, change, ...options });

async function verify(options: Partial<VerifyOptions> = {}) {
  const source = await FileSource.open(path);
  try {
    const keys = keySource(key.certificate);
    return await verifyImage(await openSif(source), { keys, at: NOW, ...options });
  } finally {
    await source.close();
  }
}

const twoGroups = (): ObjectSpec[] => [
  ...twoObjects(),
  { type: 0x4006, data: Buffer.from('{}'), group: GROUP + 2 },
];

describe('what is written', () => {
  test('7.8 a group is signed by an object in no group, linked to it, with hash and fingerprint', async () => {
    await image(twoObjects());
    const before = await readFile(path);
    const report = await sign();
    expect(report).toEqual({ signatures: [{ signatureId: 3, groupId: 1, objects: [1, 2] }], ungrouped: [] });
    const after = await readFile(path);
    const raw = after.subarray(slotOffset(2), slotOffset(3));
    expect([raw.readInt32LE(0), raw.readUInt32LE(9), raw.readUInt32LE(13)]).toEqual([
      0x4005,
      GROUP,
      GROUP + 1,
    ]);
    expect(raw.subarray(73, 201)).toEqual(Buffer.alloc(128));
    const extra = Buffer.alloc(384);
    extra.writeInt32LE(1, 0);
    extra.write(key.fingerprint, 4, 'hex');
    expect(raw.subarray(201)).toEqual(extra);
    expect(after.subarray(slotOffset(48), before.length)).toEqual(before.subarray(slotOffset(48)));
    expect(after.subarray(slotOffset(0), slotOffset(2))).toEqual(
      before.subarray(slotOffset(0), slotOffset(2)),
    );
  });

  test('7.8 the message is what Go writes: LF, one Hash header, no line end behind', async () => {
    await image(twoObjects());
    const { length } = await readFile(path);
    await sign();
    const text = (await readFile(path)).subarray(length).toString();
    expect(text).toMatch(
      /^-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n\{"version":1,[^\n]*\}\n-----BEGIN PGP SIGNATURE-----\n/,
    );
    expect(text).toMatch(/\n-----END PGP SIGNATURE-----$/);
    expect(text).not.toContain('\r');
    expect(readCleartext(Buffer.from(text)).text).toBe(payloadOf(twoObjects()));
  });

  test.skipIf(!HAVE_CORPUS)(
    '7.8 the JSON is that of a published image (needs ../shared/testdata)',
    async () => {
      await writeFile(path, corpus('sylabs-sif/one-group.sif'));
      const { length } = await readFile(path);
      await sign({ change: { now: NOW } });
      const ours = readCleartext((await readFile(path)).subarray(length)).text;
      const theirs = readCleartext(corpus('sylabs-sif/one-group-signed-pgp.sif').subarray(40960)).text;
      expect(ours).toBe(theirs);
    },
  );

  test('7.8 equal input gives equal octets', async () => {
    const signed = [];
    for (let i = 0; i < 2; i += 1) {
      await image(twoObjects());
      await sign();
      signed.push(await readFile(path));
    }
    expect(signed[0]).toEqual(signed[1]);
  });
});

describe('what is signed', () => {
  test('7.8 every group gets a signature of its own', async () => {
    await image(twoGroups());
    expect((await sign()).signatures.map(({ groupId }) => groupId)).toEqual([1, 2]);
    const report = await verify();
    expect(report.verified).toBe(true);
    expect(outcomes(report)).toEqual([['valid 1,2'], ['valid 3']]);
  });

  test('7.8 one group, or some objects of groups', async () => {
    await image(twoGroups());
    await sign({ selection: { groups: [2] } });
    expect((await verify()).tasks.map(({ verdict }) => verdict)).toEqual(['unsigned', 'verified']);
    const { signatures } = await sign({ selection: { objects: [3, 2] } });
    expect(signatures.map(({ groupId, objects }) => [groupId, ...objects])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(outcomes(await verify({ selection: { objects: [2] } }))).toEqual([['valid 2']]);
    expect(outcomes(await verify())).toEqual([['OBJECT_NOT_SIGNED 1'], ['valid 3', 'valid 3']]);
  });

  test('7.8 a second signer is added, nothing is replaced', async () => {
    await image(twoObjects());
    await sign();
    const second = await newKey({ name: 'p256' });
    await sign({ signer: { kind: 'pgp', key: second } });
    const keys = keySource(key.certificate, second.certificate);
    expect(outcomes(await verify({ keys }))).toEqual([['valid 1,2', 'valid 1,2']]);
  });

  test.each([{ name: 'rsa', bits: 2048 }, { name: 'p256' }, { name: 'ed25519-v6' }] as const)(
    '7.8 with a key of the kind %o',
    async (algorithm) => {
      await image(twoObjects());
      const other = await newKey(algorithm);
      await sign({ signer: { kind: 'pgp', key: other } });
      const report = await verify({ keys: keySource(other.certificate) });
      expect(report).toMatchObject({
        verified: true,
        tasks: [{ signatures: [{ claimedFingerprint: other.fingerprint }] }],
      });
    },
  );

  test.each(['SHA384', 'SHA512'] as const)('7.8 with %s', async (hash) => {
    await image(twoObjects());
    await sign({ hash });
    expect((await verify()).verified).toBe(true);
  });

  test('7.8 with private keys, as a DSSE envelope without a fingerprint', async () => {
    await image(twoObjects());
    const pairs = [
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
      generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    ];
    await sign({ signer: { kind: 'dsse', keys: pairs.map(({ privateKey }) => checkedKey(privateKey)) } });
    for (const { publicKey } of pairs) {
      const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }));
      const report = await verify({ verifiers: [publicKeyVerifier(pem)] });
      expect(report.verified).toBe(true);
      expect(report.tasks[0]?.signatures[0]).not.toHaveProperty('claimedFingerprint');
    }
  });
});

describe('what stays as it was', () => {
  test('7.8 an object in no group cannot be covered: it is named', async () => {
    await image([...twoObjects(), { type: 0x4006, data: Buffer.from('{}'), group: GROUP }]);
    expect((await sign()).ungrouped).toEqual([3]);
    expect((await verify()).verified).toBe(false);
  });

  test('7.8 an object deleted and added again under its ID is not signed any more', async () => {
    await image(twoGroups());
    await sign();
    await deleteObject(path, 1, change);
    await addObjects(path, async () => [{ type: 0x4006, content: [Buffer.from('{"b":2}')] }], change);
    expect(outcomes(await verify())).toEqual([['DESCRIPTOR_CHANGED 1'], ['valid 3']]);
  });

  test.each([
    ['a group that is not there', { selection: { groups: [7] } }, 'NO_SUCH_GROUP'],
    ['an object that is not there', { selection: { objects: [7] } }, 'NO_SUCH_OBJECT'],
    ['more than may be read', { mostOctets: 100 }, 'TOO_MUCH_DATA'],
    ['a time at which the key was not there', { created: EPOCH - DAY }, 'CANNOT_SIGN'],
  ])('7.8 %s: an error, and the image is as it was', async (_, options, code) => {
    await image(twoObjects());
    const before = await readFile(path);
    await expect(sign(options)).rejects.toMatchObject({ code });
    expect(await readFile(path)).toEqual(before);
  });

  test('7.8 an image without groups has nothing to sign', async () => {
    await image([]);
    await expect(sign()).rejects.toMatchObject({ code: 'NOTHING_TO_SIGN' });
  });

  test('7.8 a full table, and a file that is no image', async () => {
    await image(Array.from({ length: 48 }, () => ({ type: 0x4006, data: Buffer.from('{}') })));
    await expect(sign()).rejects.toMatchObject({ code: 'TABLE_FULL' });
    await writeFile(path, 'not an image');
    await expect(sign()).rejects.toMatchObject({ code: 'NOT_A_SIF' });
  });

  test.skipIf(process.getuid?.() === 0)('7.8 a file that may not be written (not as root)', async () => {
    await image(twoObjects());
    await chmod(path, 0o444);
    await expect(sign()).rejects.toMatchObject({ code: 'EACCES' });
  });

  test('stopping it leaves the image as it was', async () => {
    await image(twoObjects());
    const before = await readFile(path);
    await expect(sign({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(await readFile(path)).toEqual(before);
  });
});
