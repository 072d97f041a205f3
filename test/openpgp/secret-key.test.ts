import { inspect } from 'node:util';

import * as fc from 'fast-check';
import { config, generateKey } from 'openpgp';
import { describe, expect, it } from 'vitest';

import { serializeCertificate } from '../../src/openpgp/certificate.ts';
import { OpenPgpError } from '../../src/openpgp/error.ts';
import { generateSecretKey } from '../../src/openpgp/generate.ts';
import type { NewKeyAlgorithm } from '../../src/openpgp/generate.ts';
import { MAX_PASSPHRASE_LENGTH } from '../../src/openpgp/limits.ts';
import { framePacket, SECRET_KEY, splitPackets, USER_ID } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { readSecretKeys, SecretKey } from '../../src/openpgp/secret-key.ts';
import { readSecretPacket } from '../../src/openpgp/secret-packet.ts';
import { signCleartext } from '../../src/openpgp/sign-cleartext.ts';
import { EPOCH, makeCertificate } from '../fixtures/test-key.ts';
import { GO_KEY, GPG_KEY, GPG_OFFLINE_KEY } from '../fixtures/secret-keys.ts';
import { damaged, orRefusal } from './damaged.ts';
import { AT, verdictOn } from './signed-text.ts';

const FRAMING = { legacy: false, lengthOctets: 1 };

async function only(octets: Uint8Array): Promise<SecretKey> {
  const { keys, unreadable } = await readSecretKeys(octets);
  expect(unreadable).toEqual([]);
  const [key] = keys;
  if (key === undefined) throw new Error('no key');
  return key;
}

async function make(algorithm: NewKeyAlgorithm = { name: 'ed25519' }, passphrase = ''): Promise<SecretKey> {
  return generateSecretKey({ name: 'Jo', email: '', comment: '', algorithm, passphrase, created: EPOCH });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OpenPgpError) return error.code;
    throw error;
  }
  return 'none';
}

async function signs(key: SecretKey, passphrase?: string): Promise<unknown> {
  const open = await key.unlock(passphrase);
  const message = await signCleartext('text', open, { created: AT, hash: 'SHA256' });
  return verdictOn(message, [key.certificate]);
}

/** The key with the secret part of its packets of one type replaced. */
function withSecretPart(key: SecretKey, tag: number, part: readonly number[]): Packet[] {
  return key.packets.map((packet) => {
    if (packet.tag !== tag) return packet;
    const length = readSecretPacket(packet).publicKey.packet.body.length;
    return framePacket(tag, Buffer.concat([packet.body.subarray(0, length), Buffer.from(part)]), FRAMING);
  });
}

/** What gpg writes instead of a secret part: 1, it is not there; 2, it is on a card with this serial number. */
const GNU_ABSENT = [0xff, 0, 101, 0, 0x47, 0x4e, 0x55, 1];
const GNU_CARD = [0xff, 0, 101, 0, 0x47, 0x4e, 0x55, 2, 2, 0xd2, 0x76];

describe('readSecretKeys', () => {
  it.each([
    ['gpg', GPG_KEY, 'abc'],
    ['Go', GO_KEY, 'gopass'],
  ])('reads, unlocks and signs with a key made by %s', async (_, octets, passphrase) => {
    const key = await only(octets);
    expect(key.locked).toBe(true);
    expect(Buffer.from(key.serialize())).toEqual(Buffer.from(octets));
    expect(await signs(key, passphrase)).toMatchObject({ status: 'valid', primary: key.fingerprint });
  });

  it('7.5 signs with a subkey when the primary key only certifies, where Go makes what it then refuses', async () => {
    const key = await only(GPG_KEY);
    const verdict = await signs(key, 'abc');
    expect(verdict).toMatchObject({ signingKey: key.certificate.subkeys[0]?.key.fingerprint });
  });

  it('has the public part as a certificate without anything secret', async () => {
    const key = await make();
    const tags = splitPackets(serializeCertificate(key.certificate)).map(({ tag }) => tag);
    expect(tags).toEqual([6, 13, 2, 14, 2]);
  });

  it('reads several keys of one ring, and keeps what it cannot read beside them', async () => {
    const unreadable = framePacket(SECRET_KEY, Uint8Array.of(3, 0, 0), FRAMING);
    const { bytes } = makeCertificate();
    const garbage = framePacket(USER_ID, Buffer.from('alone'), FRAMING);
    const ring = Buffer.concat([garbage.raw, GPG_KEY, unreadable.raw, bytes, GO_KEY]);
    const read = await readSecretKeys(ring);
    expect(read.keys.map((key) => Buffer.from(key.serialize()))).toEqual([
      Buffer.from(GPG_KEY),
      Buffer.from(GO_KEY),
    ]);
    expect(read.unreadable.map(({ error, packets }) => [error.code, packets.length])).toEqual([
      ['BAD_SECRET_KEY', 1],
      ['UNSUPPORTED_KEY', 1],
      ['BAD_SECRET_KEY', 5],
    ]);
  });

  it('refuses a ring that cannot be divided into packets', async () => {
    expect(await codeOf(readSecretKeys(GPG_KEY.subarray(0, 100)))).toBe('BAD_PACKET');
    expect(await readSecretKeys(new Uint8Array())).toEqual({ keys: [], unreadable: [] });
  });

  it('answers or refuses whatever is damaged', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(GPG_KEY), async (octets) => {
        const read = await orRefusal(readSecretKeys(octets));
        return read === undefined || read.keys.every((key) => key.serialize().length <= octets.length);
      }),
    );
  });

  it.each([
    ['RSA', 1, [2, 2, 1], [0, 1, 1, 0, 1, 1]],
    ['ElGamal', 16, [], [0, 1, 1, 0, 1, 1, 0, 1, 1]],
    ['DSA', 17, [], [0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1]],
    ['ECDH', 18, [], [1, 0x2a, 0, 1, 1, 3, 1, 8, 9]],
    ['ECDSA', 19, [], [1, 0x2a, 0, 1, 1]],
    ['X25519', 25, [], [...Buffer.alloc(32, 1)]],
    ['Ed448', 28, [], [...Buffer.alloc(57, 1)]],
  ])('knows where the public part of an %s key ends', (_, algorithm, __, material) => {
    const open = [4, 0, 0, 0, 1, algorithm, ...material];
    const packet = framePacket(SECRET_KEY, Uint8Array.from([...open, 0, 7, 7]), FRAMING);
    const { publicKey, protection } = readSecretPacket(packet);
    expect([...publicKey.packet.body]).toEqual(open);
    expect(protection).toBe('none');
  });

  it('refuses an algorithm whose secret part cannot be found', () => {
    const packet = framePacket(SECRET_KEY, Uint8Array.of(4, 0, 0, 0, 1, 99, 0, 1, 1), FRAMING);
    expect(() => readSecretPacket(packet)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_KEY' }));
  });
});

describe('unlock', () => {
  it('says that a passphrase is needed, or that it is wrong', async () => {
    const key = await only(GO_KEY);
    expect(await codeOf(key.unlock())).toBe('LOCKED_KEY');
    expect(await codeOf(key.unlock(''))).toBe('LOCKED_KEY');
    expect(await codeOf(key.unlock('Gopass'))).toBe('WRONG_PASSPHRASE');
    expect(await codeOf(key.unlock('x'.repeat(MAX_PASSPHRASE_LENGTH + 1)))).toBe('BAD_KEY_OPTION');
  });

  it('does not look at the passphrase of a key that is not protected', async () => {
    const key = await make();
    expect(key.locked).toBe(false);
    expect(await signs(key, 'whatever')).toMatchObject({ status: 'valid' });
  });

  it('signs with a subkey of a primary key that gpg keeps offline', async () => {
    const key = await only(GPG_OFFLINE_KEY);
    expect(await signs(key, 'abc')).toMatchObject({ status: 'valid', primary: key.fingerprint });
  });

  it.each([
    ['elsewhere', GNU_ABSENT, 'NO_SECRET_PART'],
    ['on a card', GNU_CARD, 'NO_SECRET_PART'],
    ['in an unknown way', [0xff, 0, 101, 0, 0x47, 0x4e, 0x55, 3], 'UNSUPPORTED_PROTECTION'],
    ['in a way of another program', [0xff, 0, 101, 0, 0x41, 0x42, 0x43, 1], 'UNSUPPORTED_PROTECTION'],
    ['with a checksum only', [0xff, 9, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x60, 0, 0], 'UNSUPPORTED_PROTECTION'],
    ['with unsalted MD5', [9, 0, 0, 0], 'UNSUPPORTED_PROTECTION'],
    ['with an unknown derivation', [0xfe, 9, 77, 8], 'UNSUPPORTED_PROTECTION'],
  ])('says when gpg keeps all of the key %s', async (_, part, code) => {
    const key = await make();
    const primary = withSecretPart(key, SECRET_KEY, part)[0];
    const packets = [primary, ...key.packets.slice(1, 3)].filter((one) => one !== undefined);
    const altered = await SecretKey.read(packets);
    expect(await codeOf(altered.unlock('x'))).toBe(code);
  });

  it('says when the part that signs is not there', async () => {
    const altered = await SecretKey.read(withSecretPart(await make(), SECRET_KEY, GNU_ABSENT));
    const open = await altered.unlock();
    expect(() => open.signingKey(AT)).toThrow(expect.objectContaining({ code: 'NO_SECRET_PART' }));
  });

  it('asks for the passphrase of what is there before it says what is not', async () => {
    const locked = await make({ name: 'ed25519' }, 'secret');
    const altered = await SecretKey.read(withSecretPart(locked, SECRET_KEY, GNU_ABSENT));
    expect(await codeOf(altered.unlock())).toBe('LOCKED_KEY');
    expect(await codeOf(altered.unlock('x'))).toBe('WRONG_PASSPHRASE');
  });

  it('refuses a secret part that belongs to another key, or that is damaged', async () => {
    const [key, other] = [await make(), await make()];
    const packet = other.packets[0];
    if (packet === undefined) throw new Error('no packet');
    const from = readSecretPacket(packet).publicKey.packet.body.length;
    for (const part of [[...packet.body.subarray(from)], [0, 1, 2, 3], [0], []]) {
      const packets = withSecretPart(key, SECRET_KEY, part).slice(0, 3);
      expect(await codeOf(SecretKey.read(packets).then((altered) => altered.unlock()))).toBe(
        'BAD_SECRET_KEY',
      );
    }
  });

  it.each([
    ['AEAD', { aeadProtect: true }],
    ['AEAD and Argon2', { aeadProtect: true, s2kType: 4 }],
    ['version 6, AEAD and Argon2', { aeadProtect: true, s2kType: 4, v6Keys: true }],
  ])('opens what openpgp.js protects with %s', async (_, settings) => {
    const { privateKey } = await generateKey({
      userIDs: [{ name: 'Jo' }],
      passphrase: 'secret',
      date: new Date(EPOCH * 1000),
      format: 'binary',
      config: { ...settings, s2kArgon2Params: { ...config.s2kArgon2Params, memoryExponent: 10 } },
    });
    const key = await only(privateKey);
    expect(await codeOf(key.unlock('wrong'))).toBe('WRONG_PASSPHRASE');
    expect(await signs(key, 'secret')).toMatchObject({ status: 'valid' });
  });

  it('shows nothing of the secrets when it is printed', async () => {
    const key = await make();
    const open = await key.unlock();
    expect(inspect(open, { depth: 10, showHidden: true })).not.toMatch(/privateParams|seed/);
    expect(JSON.stringify(open)).not.toMatch(/privateParams|seed/);
  });
});

describe('withPassphrase', () => {
  const KINDS: readonly NewKeyAlgorithm[] = [
    { name: 'rsa', bits: 2048 },
    { name: 'ed25519' },
    { name: 'p256' },
    { name: 'ed25519-v6' },
  ];

  it.each(KINDS)('locks, changes and opens a key of $name for good', async (algorithm) => {
    const key = await make(algorithm);
    const locked = await key.withPassphrase(undefined, 'one');
    expect(locked.locked).toBe(true);
    expect(await codeOf(locked.unlock('two'))).toBe('WRONG_PASSPHRASE');
    const changed = await locked.withPassphrase('one', 'two');
    expect(await codeOf(changed.unlock('one'))).toBe('WRONG_PASSPHRASE');
    expect(await signs(await only(changed.serialize()), 'two')).toMatchObject({ status: 'valid' });
    const clear = await changed.withPassphrase('two', '');
    expect(Buffer.from(clear.serialize())).toEqual(Buffer.from(key.serialize()));
  });

  it('refuses a wrong passphrase, a missing one, and one that is too long', async () => {
    const key = await only(GPG_KEY);
    expect(await codeOf(key.withPassphrase('abd', 'x'))).toBe('WRONG_PASSPHRASE');
    expect(await codeOf(key.withPassphrase(undefined, 'x'))).toBe('LOCKED_KEY');
    expect(await codeOf(key.withPassphrase('abc', 'x'.repeat(MAX_PASSPHRASE_LENGTH + 1)))).toBe(
      'BAD_KEY_OPTION',
    );
  });

  it('leaves alone what gpg kept elsewhere', async () => {
    const key = await only(GPG_OFFLINE_KEY);
    const changed = await key.withPassphrase('abc', 'x');
    expect(changed.packets[0]?.body).toEqual(key.packets[0]?.body);
    expect(await signs(changed, 'x')).toMatchObject({ status: 'valid' });
    const absent = await SecretKey.read(withSecretPart(await make(), SECRET_KEY, GNU_ABSENT).slice(0, 3));
    expect(await codeOf(absent.withPassphrase('', 'x'))).toBe('NO_SECRET_PART');
  });
});
