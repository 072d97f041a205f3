import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SecretRing } from '../../src/keyring/secret-ring.ts';
import { generateSecretKey } from '../../src/openpgp/generate.ts';
import type { SecretKey } from '../../src/openpgp/secret-key.ts';
import { EPOCH, makeCertificate } from '../fixtures/test-key.ts';
import { tempFolder } from './rings.ts';

function newKey(name: string, passphrase = ''): Promise<SecretKey> {
  const email = `${name}@example.org`;
  return generateSecretKey({
    name,
    email,
    comment: '',
    algorithm: { name: 'ed25519' },
    passphrase,
    created: EPOCH,
  });
}

async function secretRing(content?: Uint8Array): Promise<{ ring: SecretRing; path: string }> {
  const folder = join(await tempFolder(), 'keys');
  const path = join(folder, 'pgp-secret');
  if (content !== undefined) {
    await mkdir(folder, { mode: 0o700 });
    await writeFile(path, content, { mode: 0o600 });
  }
  return { ring: new SecretRing(path, { confined: true, warn: () => undefined }), path };
}

it('keeps keys as they are, in a file of this user alone', async () => {
  const [ann, bob] = [await newKey('ann', 'passphrase'), await newKey('bob')];
  const { ring, path } = await secretRing();
  expect(await ring.add(ann)).toBe(true);
  expect(await ring.add(bob)).toBe(true);
  expect(await readFile(path)).toEqual(Buffer.concat([ann.serialize(), bob.serialize()]));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const { keys, problems } = await ring.read();
  expect(keys.map(({ fingerprint, locked }) => [fingerprint, locked])).toEqual([
    [ann.fingerprint, true],
    [bob.fingerprint, false],
  ]);
  expect(problems).toEqual([]);
});

it('never puts another copy over a key that it has: it may be under another passphrase', async () => {
  const ann = await newKey('ann', 'first');
  const { ring, path } = await secretRing(ann.serialize());
  expect(await ring.add(await ann.withPassphrase('first', 'second'))).toBe(false);
  expect(await readFile(path)).toEqual(Buffer.from(ann.serialize()));
});

it('passes over public keys, which Singularity leaves there when it removes a key, and keeps them', async () => {
  const [ann, bob] = [await newKey('ann'), await newKey('bob')];
  const left = makeCertificate();
  const { ring, path } = await secretRing(Buffer.concat([left.bytes, ann.serialize()]));
  const { keys, problems } = await ring.read();
  expect(keys.map(({ fingerprint }) => fingerprint)).toEqual([ann.fingerprint]);
  expect(problems).toEqual([expect.objectContaining({ offset: 0, octets: left.bytes.length })]);
  await ring.add(bob);
  expect(await ring.remove(ann.fingerprint)).toBe(true);
  expect(await ring.remove(left.fingerprint)).toBe(false);
  expect(await readFile(path)).toEqual(Buffer.concat([left.bytes, bob.serialize()]));
});

it('keeps a key that is cut off, and says where it is without a word of what it holds', async () => {
  const [ann, bob] = [await newKey('ann'), await newKey('bob')];
  const cut = ann.serialize().subarray(0, 70);
  const { ring, path } = await secretRing(Buffer.concat([bob.serialize(), cut]));
  const { keys, problems } = await ring.read();
  expect(keys).toHaveLength(1);
  expect(problems).toEqual([{ offset: bob.serialize().length, octets: 70, reason: 'it is cut off' }]);
  const carol = await newKey('carol');
  await ring.add(carol);
  expect(await readFile(path)).toEqual(Buffer.concat([bob.serialize(), carol.serialize(), cut]));
});
