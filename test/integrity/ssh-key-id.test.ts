import { createPublicKey, generateKeyPairSync } from 'node:crypto';

import { expect, test } from 'vitest';

import { sshKeyId } from '../../src/integrity/ssh-key-id.ts';

// Made with `ssh-keygen -lf` from the same keys.
const ED25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----`;

test('an Ed25519 key has the ID that ssh-keygen prints', () => {
  expect(sshKeyId(createPublicKey(ED25519))).toBe('SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8');
});

test('RSA and ECDSA keys have IDs of the same form', () => {
  const keys = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ];
  for (const { publicKey } of keys) expect(sshKeyId(publicKey)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});

test('keys of other kinds have none', () => {
  expect(sshKeyId(generateKeyPairSync('x25519').publicKey)).toBeUndefined();
  expect(sshKeyId(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)).toBeUndefined();
});
