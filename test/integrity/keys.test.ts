import { expect, test } from 'vitest';

import type { FoundCertificate } from '../../src/integrity/key-source.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { keySubject } from '../../src/openpgp/subject.ts';
import {
  buildImage,
  clearSigned,
  messageWith,
  payloadOf,
  signatureObject,
  twoObjects,
  withSignature,
} from '../fixtures/sif-image.ts';
import { DAY, EPOCH, keyring, sub, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import type { SignOptions } from '../fixtures/test-key.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { dsaSigner, rsaSigner } from '../openpgp/any-signer.ts';
import type { AnySigner } from '../openpgp/any-signer.ts';
import { checked, NOW } from '../openpgp/checked.ts';
import { certificateOf, keySource, outcomes, verify } from './verified.ts';

/** A certificate of the key with what else is given, its user ID self-signed so. */
async function certificateWith(key: TestKey, self: SignOptions, ...more: Packet[]): Promise<Certificate> {
  const id = userId('Alice <alice@example.org>');
  return (await checked(keyring(key.key.packet, id, key.certify(id, self), ...more))).certificate;
}

const image = (key: TestKey): Buffer => buildImage(withSignature(key));

async function outcomeWith(
  found: (Certificate | FoundCertificate)[],
  octets: Uint8Array,
  at = NOW,
): Promise<string> {
  const report = await verify(octets, { keys: keySource(...found), at });
  const outcome = outcomes(report)[0]?.[0] ?? 'unsigned';
  expect(report.verified).toBe(outcome.startsWith('valid'));
  return outcome;
}

test('7.5 a signature by an unknown key has no signer, only claims', async () => {
  const key = new TestKey();
  const report = await verify(image(key), { keys: keySource() });
  expect(report.verified).toBe(false);
  expect(report.tasks[0]?.signatures).toEqual([
    {
      signatureId: 3,
      format: 'pgp',
      claimedFingerprint: key.fingerprint,
      outcome: 'unknown-signer',
      claims: [{ fingerprint: key.fingerprint, keyId: key.key.keyId }],
      keyIds: [],
    },
  ]);
  expect(outcomes(await verify(image(key)))).toEqual([['unknown-signer']]);
});

test('7.5 a key that has expired since it signed is refused', async () => {
  const key = new TestKey();
  const certificate = await certificateWith(key, { hashed: [subpackets.keyExpires(30 * DAY)] });
  expect(await outcomeWith([certificate], image(key), EPOCH + 29 * DAY)).toBe('valid 1,2');
  expect(await outcomeWith([certificate], image(key), EPOCH + 30 * DAY)).toBe('KEY_EXPIRED');
});

test('7.5 whose key has expired is told, and is no signer', async () => {
  const key = new TestKey();
  const certificate = await certificateWith(key, { hashed: [subpackets.keyExpires(DAY)] });
  const report = await verify(image(key), { keys: keySource({ certificate, label: 'GLOBAL' }) });
  const [signature] = report.tasks[0]?.signatures ?? [];
  expect(signature).toMatchObject({ attributedTo: { fingerprint: key.fingerprint, label: 'GLOBAL' } });
  expect(signature).not.toHaveProperty('signer');
});

test.each([
  ['no reason', []],
  ['superseded', [subpackets.reason(1)]],
  ['compromised', [subpackets.reason(2)]],
  ['retired', [subpackets.reason(3)]],
])('7.5 a revoked key is refused, before and after it signed: %s', async (_, hashed) => {
  const key = new TestKey();
  for (const created of [EPOCH - DAY, EPOCH + DAY]) {
    const certificate = await certificateWithRevocation(key, { created, hashed });
    expect(await outcomeWith([certificate], image(key))).toBe('KEY_REVOKED');
  }
});

async function certificateWithRevocation(key: TestKey, options: SignOptions): Promise<Certificate> {
  const id = userId('Alice <alice@example.org>');
  return (await checked(keyring(key.key.packet, key.revoke(options), id, key.certify(id)))).certificate;
}

test('7.5 a copy without the revocation accepts; any copy with it refuses', async () => {
  const key = new TestKey();
  const stale: FoundCertificate = { certificate: await certificateOf(key), label: 'LOCAL' };
  const fresh: FoundCertificate = { certificate: await certificateWithRevocation(key, {}), label: 'REMOTE' };
  expect(await outcomeWith([stale], image(key))).toBe('valid 1,2');
  expect(await outcomeWith([stale, fresh], image(key))).toBe('KEY_REVOKED');
  expect(await outcomeWith([fresh, stale], image(key))).toBe('KEY_REVOKED');
});

test('7.5 a self-signature newer than the signature does not matter', async () => {
  const key = new TestKey();
  const certificate = await certificateWith(key, { created: EPOCH + 300 * DAY });
  expect(await outcomeWith([certificate], image(key))).toBe('valid 1,2');
});

test('7.5 a signing subkey signs for its primary key', async () => {
  const key = new TestKey();
  const subkey = new TestKey({ subkey: true });
  const certificate = await certificateWith(
    key,
    { hashed: [subpackets.flags(0x01)] },
    subkey.key.packet,
    key.bind(subkey),
  );
  const objects = twoObjects();
  const message = clearSigned(subkey, payloadOf(objects));
  const by = (fingerprint: string): Buffer =>
    buildImage([...objects, signatureObject(message, { fingerprint })]);
  const report = await verify(by(key.fingerprint), { keys: keySource(certificate) });
  expect(report.tasks[0]?.signatures).toMatchObject([
    { outcome: 'valid', signer: { fingerprint: key.fingerprint, signingKey: subkey.fingerprint } },
  ]);
  expect(await outcomeWith([certificate], by(subkey.fingerprint))).toBe('WRONG_FINGERPRINT');
});

test('7.5 a revoked, unbound or expired signing subkey is refused', async () => {
  const key = new TestKey();
  const subkey = new TestKey({ subkey: true });
  const objects = twoObjects();
  const message = clearSigned(subkey, payloadOf(objects));
  const signed = buildImage([...objects, signatureObject(message, { fingerprint: key.fingerprint })]);
  const self = { hashed: [subpackets.flags(0x03)] };
  const bound = [subkey.key.packet, key.bind(subkey)];
  const expired = [subkey.key.packet, key.bind(subkey, { hashed: [subpackets.keyExpires(DAY)] })];
  const encrypting = [subkey.key.packet, key.bind(subkey, { flags: 0x0c })];
  const certify = (...more: Packet[]) => certificateWith(key, self, ...more);
  expect(await outcomeWith([await certify(...bound, key.revokeSubkey(subkey))], signed)).toBe('KEY_REVOKED');
  expect(await outcomeWith([await certify(...expired)], signed)).toBe('KEY_EXPIRED');
  expect(await outcomeWith([await certify(...encrypting)], signed)).toBe('KEY_CANNOT_SIGN');
  const withoutBack = [subkey.key.packet, key.bind(subkey, { back: false })];
  expect(await outcomeWith([await certify(...withoutBack)], signed)).toBe('unknown-signer');
});

test('7.5 a primary key that may only certify signs nothing', async () => {
  const key = new TestKey();
  const certificate = await certificateWith(key, { hashed: [subpackets.flags(0x01)] });
  expect(await outcomeWith([certificate], image(key))).toBe('KEY_CANNOT_SIGN');
});

test('7.5 a version 6 key verifies by all its 32 octets (Go reads 20 and refuses)', async () => {
  const key = new TestKey({ version: 6 });
  const bytes = keyring(key.key.packet, key.direct({ hashed: [subpackets.flags(0x03)] }));
  const { certificate } = await checked(bytes);
  expect(await outcomeWith([certificate], image(key))).toBe('valid 1,2');
  const objects = twoObjects();
  const message = clearSigned(key, payloadOf(objects));
  const cut = key.fingerprint.slice(0, 40);
  const fake = buildImage([...objects, signatureObject(message, { fingerprint: cut })]);
  expect(await outcomeWith([certificate], fake)).toBe('WRONG_FINGERPRINT');
});

/** An image signed by a key of any algorithm, and its certificate: a direct-key signature and nothing else. */
async function signedBy(
  signer: AnySigner,
  hash: { id: number; name: string },
): Promise<{ certificate: Certificate; octets: Buffer }> {
  const { key } = signer;
  const direct = signer.sign(keySubject(key), { hashed: [subpackets.flags(0x03)] });
  const { certificate } = await checked(keyring(key.packet, direct.packet));
  const objects = twoObjects();
  const text = payloadOf(objects);
  const issuer = sub(33, [4, ...Buffer.from(key.fingerprint, 'hex')]);
  const { packet } = signer.sign(Buffer.from(text), { type: 0x01, hash, hashed: [issuer] });
  const message = messageWith(text, packet.raw, '');
  const octets = buildImage([...objects, signatureObject(message, { fingerprint: key.fingerprint })]);
  return { certificate, octets };
}

test('7.5 short RSA keys and DSA are accepted as in Go, and said to be weak', async () => {
  for (const signer of [rsaSigner(1024), dsaSigner(2048, 256)]) {
    const { certificate, octets } = await signedBy(signer, { id: 8, name: 'sha256' });
    const report = await verify(octets, { keys: keySource(certificate) });
    expect(report.tasks[0]?.signatures).toMatchObject([{ outcome: 'valid', signer: { weak: true } }]);
  }
});

const rsa = rsaSigner(2048);
test.each([
  [1, 'md5', 'WEAK_HASH'],
  [2, 'sha1', 'WEAK_HASH'],
  [3, 'ripemd160', 'WEAK_HASH'],
  [8, 'sha256', 'valid 1,2'],
  [9, 'sha384', 'valid 1,2'],
  [10, 'sha512', 'valid 1,2'],
  [11, 'sha224', 'WEAK_HASH'],
  [12, 'sha3-256', 'WEAK_HASH'],
] as const)(
  '7.4 an OpenPGP signature with hash %i (%s): %s (SHA-224: stricter than Go)',
  async (id, name, outcome) => {
    const { certificate, octets } = await signedBy(rsa, { id, name });
    expect(await outcomeWith([certificate], octets)).toBe(outcome);
  },
);

test('7.5 of several keys a source offers, only the one that signed counts, whatever the order', async () => {
  const key = new TestKey();
  const others = [await certificateOf(new TestKey()), await certificateOf(new TestKey())];
  const certificate = await certificateOf(key);
  for (const found of [
    [certificate, ...others],
    [...others, certificate],
  ]) {
    const keys = {
      certificates: async () => found.map((one) => ({ certificate: one, label: 'REMOTE' as const })),
    };
    expect(outcomes(await verify(image(key), { keys }))).toEqual([['valid 1,2']]);
  }
  const keys = {
    certificates: async () => others.map((one) => ({ certificate: one, label: 'REMOTE' as const })),
  };
  expect(outcomes(await verify(image(key), { keys }))).toEqual([['unknown-signer']]);
});

test('the label is that of the best source that holds the key that signed', async () => {
  const key = new TestKey();
  const certificate = await certificateOf(key);
  for (const label of ['GLOBAL', 'LOCAL', 'REMOTE'] as const) {
    const keys = keySource({ certificate, label }, { certificate, label: 'REMOTE' });
    const report = await verify(image(key), { keys });
    expect(report.tasks[0]?.signatures).toMatchObject([{ signer: { label } }]);
  }
});

test('an error of the key source is not taken for an unknown signer', async () => {
  const keys = { certificates: () => Promise.reject(new Error('unreachable')) };
  await expect(verify(image(new TestKey()), { keys })).rejects.toThrow('unreachable');
});
