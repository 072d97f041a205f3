import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { generateSecretKey } from '../../src/openpgp/generate.ts';
import type { NewKeyAlgorithm } from '../../src/openpgp/generate.ts';
import { serializeCertificate } from '../../src/openpgp/certificate.ts';
import { readSecretKeys } from '../../src/openpgp/secret-key.ts';
import type { SecretKey } from '../../src/openpgp/secret-key.ts';
import { GPG_KEY } from '../fixtures/secret-keys.ts';
import { buildImage, GROUP, twoObjects } from '../fixtures/sif-image.ts';
import { EPOCH } from '../fixtures/test-key.ts';
import { ImageHost } from './verify-host.ts';

const PASSPHRASE = 'correct horse battery staple';
const newKey = (name: string, algorithm: NewKeyAlgorithm['name']): Promise<SecretKey> =>
  generateSecretKey({
    name,
    email: `${name.toLowerCase()}@example.org`,
    comment: '',
    algorithm: algorithm === 'rsa' ? { name: 'rsa', bits: 2048 } : { name: algorithm },
    passphrase: PASSPHRASE,
    created: EPOCH,
  });

let [dana, eve]: SecretKey[] = [];
let host: ImageHost;
let image: string;
beforeAll(async () => {
  [dana, eve] = [await newKey('Dana', 'ed25519'), await newKey('Eve', 'p256')];
});
beforeEach(async () => {
  host = await ImageHost.create();
  image = await host.has(
    'a.sif',
    buildImage([...twoObjects(), { type: 0x4007, data: Buffer.from('x'), group: GROUP + 2 }]),
  );
  await writeFile(host.path('pw'), `${PASSPHRASE}\n`);
});

async function holds(...keys: (SecretKey | undefined)[]): Promise<void> {
  const all = keys.flatMap((key) => key ?? []);
  await host.holdsSecrets(...all.map((key) => key.serialize()));
  await host.holds(...all.map(({ certificate }) => serializeCertificate(certificate)));
}

const sign = (...words: string[]) => host.run(['sign', '--password-file', host.path('pw'), ...words, image]);

test('signs every group with the one key there is, and says so in Singularity’s words', async () => {
  await holds(dana);
  const { code, stdout, stderr } = await sign();
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: '',
    stderr: `INFO:    Signing image with PGP key material\nINFO:    Signature created and applied to image '${image}'\n`,
  });
  const verified = await host.verify('--json', image);
  expect(verified.code).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({
    verified: true,
    tasks: [
      { groupId: 1, signatures: [{ outcome: 'valid', objects: [1, 2] }] },
      { groupId: 2, signatures: [{ outcome: 'valid', objects: [3] }] },
    ],
  });
});

test('asks for the passphrase on stderr and does not repeat it', async () => {
  await holds(dana);
  const { code, stdout, stderr } = await host.run(['sign', image], `${PASSPHRASE}\n`);
  expect(code).toBe(0);
  expect(stderr).toContain('Enter key passphrase : ');
  expect(stdout + stderr).not.toContain(PASSPHRASE);
});

test('a wrong passphrase ends with 77 and leaves the image as it was', async () => {
  await holds(dana);
  const before = await readFile(image);
  await writeFile(host.path('pw'), 'wrong\n');
  const { code, stderr } = await sign();
  expect(code).toBe(77);
  expect(stderr).not.toContain('wrong\n');
  expect(await readFile(image)).toEqual(before);
});

test('of several keys --fingerprint or --keyidx names one, or the answer to a question does', async () => {
  await holds(dana, eve);
  const by = async (...words: string[]): Promise<unknown> =>
    (JSON.parse((await sign('--json', ...words)).stdout) as { signer: { fingerprint: string } }).signer
      .fingerprint;
  expect(await by('--fingerprint', eve?.fingerprint.toLowerCase() ?? '')).toBe(eve?.fingerprint);
  expect(await by('--keyidx', '1')).toBe(eve?.fingerprint);
  expect(await by('-k', '0')).toBe(dana?.fingerprint);
  const asked = await host.run(['sign', '--password-file', host.path('pw'), '--json', image], '1\n');
  expect(asked.stderr).toContain('Enter # of private key to use : ');
  expect(JSON.parse(asked.stdout)).toMatchObject({ signer: { fingerprint: eve?.fingerprint } });
});

test('a number that no key has, and two ways to name one, end with 64', async () => {
  await holds(dana);
  expect((await sign('--keyidx', '7')).code).toBe(64);
  expect((await sign('--keyidx', '0', '--fingerprint', dana?.fingerprint ?? '')).code).toBe(64);
});

test('an empty keyring ends with 66 and says what to do', async () => {
  const { code, stderr } = await sign();
  expect(code).toBe(66);
  expect(stderr).toContain('keyring is empty');
  expect(stderr).toContain('vouch key newpair');
});

test('signs parts: a group, an object', async () => {
  await holds(dana);
  expect((await sign('--group-id', '2')).code).toBe(0);
  expect((await host.verify('--group-id', '2', image)).code).toBe(0);
  expect((await host.verify(image)).code).toBe(11);
  expect((await sign('--sif-id', '1')).code).toBe(0);
  expect((await host.verify('--sif-id', '1', image)).code).toBe(0);
  expect((await sign('--group-id', '9')).code).toBe(66);
});

test('≠Go 7.5 a primary key that only certifies leaves signing to its subkey', async () => {
  const { keys } = await readSecretKeys(GPG_KEY);
  await holds(...keys);
  await writeFile(host.path('pw'), 'abc\n');
  const { code, stderr } = await sign();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const verified = await host.verify('--json', image);
  const fingerprint = keys[0]?.fingerprint;
  expect(JSON.parse(verified.stdout)).toMatchObject({
    verified: true,
    tasks: [
      {
        signatures: [
          { signer: { fingerprint, signingKey: keys[0]?.certificate.subkeys[0]?.key.fingerprint } },
        ],
      },
      {},
    ],
  });
});

test('7.5 a version 6 key is used with a warning that Go’s tools cannot verify it; Vouch can', async () => {
  await holds(await newKey('Six', 'ed25519-v6'));
  const { code, stderr } = await sign();
  expect(code).toBe(0);
  expect(stderr).toContain('WARNING: this is a key of version 6');
  expect((await host.verify(image)).code).toBe(0);
});

test('signs with a PEM key without OpenPGP, and verifies with its public part', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await writeFile(host.path('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(host.path('pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const { code, stderr } = await host.run(['sign', '--key', host.path('key.pem'), image]);
  expect(code).toBe(0);
  expect(stderr).toContain(`INFO:    Signing image with key material from '${host.path('key.pem')}'\n`);
  expect((await host.verify('--key', host.path('pub.pem'), image)).code).toBe(0);
  expect((await host.verify('--key', host.path('key.pem'), image)).code).toBe(65);
});

test('no image, and an image that is not there, end with 65 and 66', async () => {
  await holds(dana);
  image = await host.has('text', Buffer.from('hello'));
  expect((await sign()).code).toBe(65);
  image = host.path('nowhere');
  expect((await sign()).code).toBe(66);
});
