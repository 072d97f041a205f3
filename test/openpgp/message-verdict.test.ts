import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Certificate } from '../../src/openpgp/certificate.ts';
import { readCleartext } from '../../src/openpgp/cleartext.ts';
import { MAX_ISSUER_CLAIMS } from '../../src/openpgp/limits.ts';
import { claimsOf } from '../../src/openpgp/makers.ts';
import { EPOCH, DAY, keyring, sub, subpackets, TestKey } from '../fixtures/test-key.ts';
import { checked } from './checked.ts';
import { damaged, orRefusal } from './damaged.ts';
import {
  AT,
  certificateOf,
  CERTIFIES,
  messageWith,
  signatureOver,
  signedText,
  TEXT,
  verdictOn,
} from './signed-text.ts';

const key = new TestKey();
const invalid = (reason: string): unknown => expect.objectContaining({ status: 'invalid', reason });
const valid = expect.objectContaining({ status: 'valid' });

/** The first certificate with its key packet's ID replaced, as if the two keys had the same. */
function withKeyIdOf({ primary, ...rest }: Certificate, other: TestKey): Certificate {
  return { ...rest, primary: { ...primary, key: { ...primary.key, keyId: other.key.keyId } } };
}

describe('verifyMessage', () => {
  it('says who signed, with which key and when', async () => {
    const certificate = await certificateOf(key);
    expect(await verdictOn(signedText(key), [await certificateOf(new TestKey()), certificate])).toEqual({
      status: 'valid',
      certificate,
      primary: key.fingerprint,
      signingKey: key.fingerprint,
      created: EPOCH,
      weaknesses: [],
    });
  });

  it('7.5 says of a signer without a certificate only whom the signature claims', async () => {
    const claims = [{ fingerprint: key.fingerprint, keyId: key.key.keyId }];
    const other = await certificateOf(new TestKey());
    expect(await verdictOn(signedText(key), [other])).toEqual({ status: 'unknown signer', claims });
    expect(claimsOf(readCleartext(Buffer.from(signedText(key))))).toEqual(claims);
  });

  it('claims each issuer once, and no more issuers than somebody will look up', () => {
    const issuer = (n: number): Uint8Array => sub(16, [0, 0, 0, 0, 0, 0, n >> 8, n & 0xff]);
    const claimed = (ids: readonly number[]): string[] => {
      const message = signedText(key, { anonymous: true, unhashed: ids.map(issuer) });
      return claimsOf(readCleartext(Buffer.from(message))).map(({ keyId }) => keyId);
    };
    expect(claimed([1, 2, 1])).toEqual(['0000000000000001', '0000000000000002']);
    expect(claimed(Array.from({ length: 5000 }, (_, n) => n))).toHaveLength(MAX_ISSUER_CLAIMS);
  });

  it('takes a signature that names nobody for one by an unknown signer', async () => {
    const message = signedText(key, { anonymous: true, unhashed: [] });
    expect(await verdictOn(message, [await certificateOf(key)])).toEqual({
      status: 'unknown signer',
      claims: [],
    });
  });

  it('CVE-2020-13845: a signature that names a key it was not made with is invalid, whoever it names', async () => {
    const forger = new TestKey();
    const claim = sub(33, [4, ...Buffer.from(key.fingerprint, 'hex')]);
    const message = signedText(forger, { anonymous: true, hashed: [claim] });
    const candidates = [await certificateOf(key), await certificateOf(forger)];
    const verdict = await verdictOn(message, candidates);
    expect(verdict).toEqual(invalid('BAD_SIGNATURE'));
    expect(verdict).not.toHaveProperty('certificate');
  });

  it('7.4 refuses a text in which an octet was changed', async () => {
    expect(await verdictOn(signedText(key).replace('second', 'sccond'), [await certificateOf(key)])).toEqual(
      invalid('BAD_SIGNATURE'),
    );
  });

  it('7.4 CVE-2025-68972: refuses a form feed at the end of a line', async () => {
    const message = signedText(key).replace('second line', 'second line\f');
    expect(await verdictOn(message, [await certificateOf(key)])).toEqual(invalid('BAD_SIGNATURE'));
  });

  it('7.4 refuses two signatures in one message, both good or not: stricter than Go', async () => {
    const one = signatureOver(TEXT, key);
    const certificate = await certificateOf(key);
    for (const other of [one, signatureOver(TEXT, new TestKey())]) {
      for (const both of [
        [one, other],
        [other, one],
      ]) {
        expect(await verdictOn(messageWith(TEXT, both), [certificate])).toEqual(
          invalid('SEVERAL_SIGNATURES'),
        );
      }
    }
  });

  it('7.4 accepts a signature of type 0x00 over the same octets', async () => {
    expect(await verdictOn(signedText(key, { type: 0x00 }), [await certificateOf(key)])).toEqual(valid);
  });

  it.each([0x02, 0x10, 0x13, 0x1f, 0x20, 0x40, 0x50])(
    'refuses a signature of type %i, which is not over a document',
    async (type) => {
      expect(await verdictOn(signedText(key, { type }), [await certificateOf(key)])).toEqual(
        invalid('WRONG_TYPE'),
      );
    },
  );

  it('7.4 refuses critical subpackets and notations of unknown meaning, with the signer known', async () => {
    const certificate = await certificateOf(key);
    for (const hashed of [sub(20, [0x80, 0, 0, 0, 0, 1, 0, 1, 0x61, 0x62], true), sub(99, [1], true)]) {
      expect(await verdictOn(signedText(key, { hashed: [hashed] }), [certificate])).toEqual({
        status: 'invalid',
        reason: 'UNKNOWN_CRITICAL',
        claims: [{ fingerprint: key.fingerprint, keyId: key.key.keyId }],
        certificate,
      });
    }
  });

  it('2.5 accepts notations that are not critical, and whatever stands in the unhashed area', async () => {
    const certificate = await certificateOf(key);
    const notation = sub(20, [0, 0, 0, 0, 0, 1, 0, 1, 0x61, 0x62]);
    expect(await verdictOn(signedText(key, { hashed: [notation] }), [certificate])).toEqual(valid);
    expect(await verdictOn(signedText(key, { unhashed: [sub(99, [1], true)] }), [certificate])).toEqual(
      valid,
    );
  });

  it('7.4 refuses a signature that has expired, and 7.5 one from the future', async () => {
    const certificate = await certificateOf(key);
    const expiring = signedText(key, { hashed: [subpackets.expires(DAY)] });
    expect(await verdictOn(expiring, [certificate], AT)).toEqual(invalid('SIGNATURE_EXPIRED'));
    expect(await verdictOn(expiring, [certificate], AT - 1)).toEqual(valid);
    const future = signedText(key, { created: AT + 1 });
    expect(await verdictOn(future, [certificate], AT)).toEqual(invalid('SIGNATURE_FROM_FUTURE'));
    expect(await verdictOn(future, [certificate], AT + 1)).toEqual(valid);
  });

  it('2.5 accepts, as Go, a signature that claims to be older than its key', async () => {
    const message = signedText(key, { created: EPOCH - DAY });
    expect(await verdictOn(message, [await certificateOf(key)])).toEqual(valid);
  });

  it('7.5 tries every key of one 64-bit key ID', async () => {
    const message = signedText(key, { anonymous: true });
    const twin = withKeyIdOf(await certificateOf(new TestKey()), key);
    const certificate = await certificateOf(key);
    for (const candidates of [
      [twin, certificate],
      [certificate, twin],
    ]) {
      expect(await verdictOn(message, candidates)).toEqual(expect.objectContaining({ certificate }));
    }
    expect(await verdictOn(message, [twin])).toEqual(invalid('BAD_SIGNATURE'));
    // A fingerprint leaves no doubt.
    expect(await verdictOn(signedText(key), [twin])).toMatchObject({ status: 'unknown signer' });
  });

  it('2.5 accepts what a key signed before its owner renewed its self-signature', async () => {
    const certificate = await certificateOf(key, { self: { created: EPOCH + 100 } });
    expect(await verdictOn(signedText(key), [certificate])).toEqual(valid);
  });

  it('counts a revocation in any copy of the certificate, and an extended expiry', async () => {
    const copy = await certificateOf(key, { self: { hashed: [subpackets.keyExpires(10)] } });
    const extended = await certificateOf(key, { self: { created: EPOCH + 1 } });
    const revoked = await certificateOf(key, { more: [] });
    expect(await verdictOn(signedText(key), [copy])).toEqual(invalid('KEY_EXPIRED'));
    expect(await verdictOn(signedText(key), [copy, extended])).toEqual(valid);
    const bytes = keyring(key.key.packet, key.revoke());
    const revocation = (await checked(bytes)).certificate;
    for (const candidates of [
      [revoked, revocation],
      [revocation, revoked],
    ]) {
      expect(await verdictOn(signedText(key), candidates)).toEqual(invalid('KEY_REVOKED'));
    }
  });

  it('CVE-2025-47934: never verifies another text than was signed, whatever octets of the message change', async () => {
    const certificate = await certificateOf(key);
    const good = Buffer.from(signedText(key));
    await fc.assert(
      fc.asyncProperty(damaged(good), async (octets) => {
        const verdict = await orRefusal(verdictOn(octets, [certificate]));
        return verdict?.status !== 'valid' || readCleartext(octets).text === TEXT;
      }),
      { numRuns: 300 },
    );
  });
});

describe('verifyMessage with a signing subkey', () => {
  const signer = new TestKey({ subkey: true });

  it('7.5 says whose subkey it is', async () => {
    const certificate = await certificateOf(key, { more: [signer.key.packet, key.bind(signer)] });
    expect(await verdictOn(signedText(signer), [certificate])).toMatchObject({
      status: 'valid',
      primary: key.fingerprint,
      signingKey: signer.fingerprint,
    });
  });

  it('accepts it when one of two certificates that hold it lets it sign', async () => {
    const other = new TestKey();
    const good = await certificateOf(key, { more: [signer.key.packet, key.bind(signer)] });
    const bound = [signer.key.packet, other.bind(signer)];
    const revoked = await certificateOf(other, { more: [...bound, other.revokeSubkey(signer)] });
    for (const candidates of [
      [good, revoked],
      [revoked, good],
    ]) {
      expect(await verdictOn(signedText(signer), candidates)).toMatchObject({ primary: key.fingerprint });
    }
    expect(await verdictOn(signedText(signer), [revoked])).toEqual(invalid('KEY_REVOKED'));
  });

  it('7.5 refuses a primary key that only certifies', async () => {
    const bound = [signer.key.packet, key.bind(signer)];
    const certificate = await certificateOf(key, { flags: CERTIFIES, more: bound });
    expect(await verdictOn(signedText(key), [certificate])).toEqual(invalid('NOT_A_SIGNING_KEY'));
    expect(await verdictOn(signedText(signer), [certificate])).toEqual(valid);
  });

  it('does not know a subkey that never agreed to belong to the primary key', async () => {
    const forged = await certificateOf(key, { more: [signer.key.packet, key.bind(signer, { back: false })] });
    expect(await verdictOn(signedText(signer), [forged])).toMatchObject({ status: 'unknown signer' });
  });
});
