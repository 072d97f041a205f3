import { createHash } from 'node:crypto';

import * as fc from 'fast-check';
import { generateKey } from 'openpgp';
import { describe, expect, it } from 'vitest';

import { readCleartext } from '../../src/openpgp/cleartext.ts';
import { generateSecretKey } from '../../src/openpgp/generate.ts';
import type { NewKeyAlgorithm } from '../../src/openpgp/generate.ts';
import { MAX_CLEARTEXT_OCTETS } from '../../src/openpgp/limits.ts';
import { readSecretKeys } from '../../src/openpgp/secret-key.ts';
import type { SecretKey } from '../../src/openpgp/secret-key.ts';
import { signCleartext } from '../../src/openpgp/sign-cleartext.ts';
import { EPOCH } from '../fixtures/test-key.ts';
import { orRefusal } from './damaged.ts';
import { AT, TEXT, verdictOn } from './signed-text.ts';

const OPTIONS = { created: AT, hash: 'SHA256' } as const;

const make = async (algorithm: NewKeyAlgorithm): Promise<SecretKey> =>
  generateSecretKey({ name: 'Jo', email: 'jo@example.org', comment: '', algorithm, created: EPOCH });

const key = await make({ name: 'ed25519' });
const open = await key.unlock();

describe('signCleartext', () => {
  it('writes LF line ends, a Hash header, a text signature by the primary key, and no line end at the end', async () => {
    const message = await signCleartext(TEXT, open, OPTIONS);
    expect(message).toMatch(
      /^-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n\{"version":1\}\nsecond line\n-----BEGIN PGP SIGNATURE-----\n\n[^\r]*\n-----END PGP SIGNATURE-----$/,
    );
    const [signature] = readCleartext(Buffer.from(message)).signatures;
    expect(signature).toMatchObject({ type: 1, hash: 8, version: 4, created: AT });
    expect(await verdictOn(message, [key.certificate])).toMatchObject({
      status: 'valid',
      signingKey: key.fingerprint,
      created: AT,
    });
  });

  it.each(['SHA256', 'SHA384', 'SHA512'] as const)('signs with %s', async (hash) => {
    const message = await signCleartext(TEXT, open, { created: AT, hash });
    expect(message).toContain(`\nHash: ${hash}\n`);
    expect(await verdictOn(message, [key.certificate])).toMatchObject({ status: 'valid' });
  });

  it.each([{ name: 'rsa', bits: 2048 }, { name: 'ed25519' }] as const)(
    'gives equal octets for equal input with $name',
    async (algorithm) => {
      const made = await (await make(algorithm)).unlock();
      const digest = async (): Promise<string> =>
        createHash('sha256')
          .update(await signCleartext(TEXT, made, OPTIONS))
          .digest('hex');
      expect(await digest()).toBe(await digest());
    },
  );

  it('escapes every line that begins with a dash', async () => {
    const text = '- a\n-----BEGIN PGP SIGNATURE-----\n-\nb-';
    const message = await signCleartext(text, open, OPTIONS);
    expect(message).toContain('\n- - a\n- -----BEGIN PGP SIGNATURE-----\n- -\nb-\n');
    expect(readCleartext(Buffer.from(message)).text).toBe(text);
  });

  it('signs any text that comes back as it is, and refuses every other', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '-', ' ', '\t', '\n', '\r', '\f', 'ü', '\ud800') });
    await fc.assert(
      fc.asyncProperty(text, async (one) => {
        const spoiled = /[ \t](\n|$)|\r|\ud800/.test(one);
        const message = await orRefusal(signCleartext(one, open, OPTIONS));
        return spoiled
          ? message === undefined
          : message !== undefined && readCleartext(Buffer.from(message)).text === one;
      }),
    );
  });

  it('refuses a text over the limit', async () => {
    const text = 'x'.repeat(MAX_CLEARTEXT_OCTETS);
    await expect(signCleartext(text, open, OPTIONS)).rejects.toMatchObject({ code: 'BAD_CLEARTEXT' });
  });

  it('7.8 refuses to sign before the key was made', async () => {
    const early = { ...OPTIONS, created: EPOCH - 1 };
    await expect(signCleartext(TEXT, open, early)).rejects.toMatchObject({ code: 'CANNOT_SIGN' });
  });

  it('7.8 refuses to sign with a key that has expired', async () => {
    const { privateKey } = await generateKey({
      userIDs: [{ name: 'Jo' }],
      date: new Date(EPOCH * 1000),
      keyExpirationTime: 10,
      format: 'binary',
    });
    const [expired] = (await readSecretKeys(privateKey)).keys;
    const made = await expired?.unlock();
    if (made === undefined) throw new Error('no key');
    expect(made.signingKey(EPOCH + 9).fingerprint).toBe(made.fingerprint);
    await expect(signCleartext(TEXT, made, OPTIONS)).rejects.toMatchObject({ code: 'CANNOT_SIGN' });
  });

  it('7.8 refuses to sign with a weak key', async () => {
    const { privateKey } = await generateKey({
      type: 'rsa',
      rsaBits: 1024,
      userIDs: [{ name: 'Jo' }],
      date: new Date(EPOCH * 1000),
      format: 'binary',
      config: { minRSABits: 1024 },
    });
    const [weak] = (await readSecretKeys(privateKey)).keys;
    const made = await weak?.unlock();
    if (made === undefined) throw new Error('no key');
    await expect(signCleartext(TEXT, made, OPTIONS)).rejects.toMatchObject({ code: 'CANNOT_SIGN' });
  });
});
