import { describe, expect, it } from 'vitest';

import { generateSecretKey } from '../../src/openpgp/generate.ts';
import type { NewKeyOptions } from '../../src/openpgp/generate.ts';
import { MAX_NEW_RSA_BITS, MIN_NEW_RSA_BITS } from '../../src/openpgp/limits.ts';
import { keyFlags } from '../../src/openpgp/signature.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import { EPOCH } from '../fixtures/test-key.ts';
import { AT } from './signed-text.ts';

const OPTIONS: NewKeyOptions = {
  name: 'Jo Döe',
  email: 'jo@example.org',
  comment: 'images',
  algorithm: { name: 'ed25519' },
  created: EPOCH,
};

describe('generateSecretKey', () => {
  it.each([
    { algorithm: { name: 'rsa', bits: 2048 }, version: 4, number: 1, bits: 2048, sub: 1 },
    { algorithm: { name: 'rsa', bits: 3072 }, version: 4, number: 1, bits: 3072, sub: 1 },
    { algorithm: { name: 'ed25519' }, version: 4, number: 22, bits: 256, sub: 18 },
    { algorithm: { name: 'p256' }, version: 4, number: 19, bits: 256, sub: 18 },
    { algorithm: { name: 'ed25519-v6' }, version: 6, number: 27, bits: 256, sub: 25 },
  ] as const)(
    'makes $algorithm: a primary key of version $version that certifies and signs, a subkey for encryption',
    async ({ algorithm, version, number, bits, sub }) => {
      const { certificate, locked } = await generateSecretKey({ ...OPTIONS, algorithm });
      const state = certificateState(certificate, AT);
      expect(state).toMatchObject({
        version,
        algorithm: { number, bits },
        created: EPOCH,
        expired: false,
        revoked: false,
        userIds: [{ text: 'Jo Döe (images) <jo@example.org>', primary: true }],
        subkeys: [{ algorithm: { number: sub }, flags: 0x0c, expired: false }],
      });
      expect(state).not.toHaveProperty('expires');
      expect(locked).toBe(false);
      const own = [...certificate.primary.signatures, ...(certificate.userIds[0]?.signatures ?? [])];
      expect(own.map(keyFlags)).toContain(0x03);
      expect(own.every(({ hash }) => hash === 8 || hash === 10)).toBe(true);
    },
  );

  it('protects all secret parts with the passphrase', async () => {
    const key = await generateSecretKey({ ...OPTIONS, passphrase: 'pässword' });
    expect(key.locked).toBe(true);
    await expect(key.unlock('password')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    expect((await key.unlock('pässword')).fingerprint).toBe(key.fingerprint);
  });

  it.each([
    [{ comment: '' }, 'Jo Döe <jo@example.org>'],
    [{ email: '', comment: ' ' }, 'Jo Döe'],
    [{ name: ' ', comment: '' }, '<jo@example.org>'],
    [{ name: ' Jo ', email: ' root@localhost ' }, 'Jo (images) <root@localhost>'],
    [{ email: 'jö.d+x@bücher.example' }, 'Jo Döe (images) <jö.d+x@bücher.example>'],
  ])('writes a user ID without the parts that are empty: %j', async (change, text) => {
    const { certificate } = await generateSecretKey({ ...OPTIONS, ...change });
    expect(certificateState(certificate, AT).userIds[0]?.text).toBe(text);
  });

  it.each([
    { name: '', email: '' },
    { name: 'Jo\nDoe' },
    { name: 'Jo\u0000Doe' },
    { name: 'Jo \u202eeoD' },
    { name: 'Jo \ud800' },
    { name: 'Jo <jo@example.com>' },
    { name: 'Jo (x)' },
    { comment: 'x) <root@example.com> (' },
    { comment: 'a\u2028b' },
    { email: 'jo' },
    { email: 'jo@' },
    { email: '@example.org' },
    { email: 'jo@example.org.' },
    { email: 'jo@example.org\nx' },
    { email: 'jo@a@b' },
    { email: 'jo <x@example.org>' },
    { name: 'x'.repeat(1024) },
    { passphrase: 'x'.repeat(1025) },
    { created: 0 },
    { created: 2 ** 32 },
    { created: 1.5 },
    { algorithm: { name: 'rsa', bits: MIN_NEW_RSA_BITS - 8 } },
    { algorithm: { name: 'rsa', bits: MAX_NEW_RSA_BITS + 8 } },
    { algorithm: { name: 'rsa', bits: 2049 } },
    { algorithm: { name: 'rsa', bits: Number.NaN } },
  ] as const)('refuses %j', async (change) => {
    await expect(generateSecretKey({ ...OPTIONS, ...change })).rejects.toMatchObject({
      code: 'BAD_KEY_OPTION',
    });
  });
});
