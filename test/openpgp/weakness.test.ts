import { describe, expect, it } from 'vitest';

import type { Certificate } from '../../src/openpgp/certificate.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { keySubject, subkeySubject, userIdSubject } from '../../src/openpgp/subject.ts';
import {
  refuseWeak,
  strengthOf,
  WEAKNESS_WORDS,
  weaknessesByKey,
  weaknessWords,
} from '../../src/openpgp/weakness.ts';
import { makeCertificate, sub, TestKey, userId } from '../fixtures/test-key.ts';
import { rsaSigner } from './any-signer.ts';
import { checked } from './checked.ts';
import { certificateOf, goodModulus, keyWith } from './rsa-key.ts';

const MD5 = { id: 1, name: 'md5' };
const SHA1 = { id: 2, name: 'sha1' };
const SHA256 = { id: 8, name: 'sha256' };
const ALICE = userId('Alice <alice@example.org>');
const signer = rsaSigner(2048);

const certify = (hash: typeof SHA1, packet: Packet = ALICE): Packet =>
  signer.sign(userIdSubject(signer.key, packet), { type: 0x13, hash }).packet;

const bind = (subkey: TestKey, hash: typeof SHA1): Packet =>
  signer.sign(subkeySubject(signer.key, subkey.key), { type: 0x18, hash }).packet;

const withSignatures = (...packets: Packet[]): Certificate =>
  certificateOf(signer.key.packet, ALICE, ...packets);

describe('strengthOf', () => {
  it('finds nothing in certificates as they are made today', async () => {
    for (const version of [4, 6] as const) {
      const { certificate } = await checked(makeCertificate(undefined, { version }).bytes);
      expect(strengthOf(certificate)).toEqual([]);
      expect(refuseWeak(certificate)).toBeUndefined();
      expect(weaknessesByKey(certificate).size).toBe(0);
    }
  });

  it('flags a primary key whose self-signatures are all by SHA-1 or MD5', () => {
    expect(strengthOf(withSignatures(certify(SHA1)))).toEqual(['OLD_HASH']);
    expect(strengthOf(withSignatures(certify(MD5), certify(SHA1)))).toEqual(['OLD_HASH']);
  });

  it('is content with one self-signature by a better hash, on any user ID or on the key', () => {
    expect(strengthOf(withSignatures(certify(SHA1), certify(SHA256)))).toEqual([]);
    const second = userId('Alice <alice@example.net>');
    expect(strengthOf(withSignatures(certify(SHA1), second, certify(SHA256, second)))).toEqual([]);
    const direct = signer.sign(keySubject(signer.key), { hash: SHA256 }).packet;
    expect(strengthOf(certificateOf(signer.key.packet, direct, ALICE, certify(SHA1)))).toEqual([]);
  });

  it('does not count what others sign', () => {
    const other = new TestKey();
    const byOther = other.sign(0x13, userIdSubject(signer.key, ALICE));
    expect(strengthOf(withSignatures(certify(SHA1), byOther))).toEqual(['OLD_HASH']);
  });

  it('does not call a key old that has no self-signature left, as after a bare revocation', () => {
    const revocation = signer.sign(keySubject(signer.key), { type: 0x20, hash: SHA1 }).packet;
    expect(strengthOf(certificateOf(signer.key.packet, revocation))).toEqual([]);
  });

  it('flags a subkey bound by SHA-1 only, unless it is revoked', () => {
    const subkey = new TestKey({ subkey: true });
    const packets = [certify(SHA256), subkey.key.packet, bind(subkey, SHA1)];
    const certificate = withSignatures(...packets);
    expect([...weaknessesByKey(certificate)]).toEqual([[subkey.fingerprint, ['OLD_HASH']]]);
    expect(strengthOf(certificate)).toEqual(['OLD_HASH']);
    expect(strengthOf(withSignatures(...packets, bind(subkey, SHA256)))).toEqual([]);
    const revocation = signer.sign(subkeySubject(signer.key, subkey.key), { type: 0x28 }).packet;
    const revoked = withSignatures(...packets, revocation);
    expect(strengthOf(revoked)).toEqual([]);
    expect(refuseWeak(revoked)).toBeUndefined();
    expect(weaknessesByKey(revoked).size).toBe(1);
  });

  it('does not take a subkey for revoked because another key says so', () => {
    const subkey = keyWith(goodModulus() - 1n, { subkey: true });
    const by = new TestKey().sign(0x28, subkeySubject(signer.key, subkey), { hashed: [sub(29, [0])] });
    const certificate = withSignatures(certify(SHA256), subkey.packet, by);
    expect(strengthOf(certificate)).toEqual(['SMALL_FACTOR']);
  });

  it('names each weakness once, of the primary key and of subkeys', () => {
    const first = keyWith(goodModulus() - 1n, { subkey: true, exponent: 3n });
    const second = keyWith(goodModulus() - 1n, { subkey: true });
    const certificate = withSignatures(certify(SHA1), first.packet, second.packet);
    expect(strengthOf(certificate)).toEqual(['OLD_HASH', 'EXPONENT_3', 'SMALL_FACTOR']);
  });
});

describe('refuseWeak', () => {
  it('tells what is weak in words, on one line', () => {
    const short = rsaSigner(1024);
    const certificate = certificateOf(short.key.packet);
    expect(refuseWeak(certificate)).toBe(
      `this server takes no weak keys, and the key is: ${WEAKNESS_WORDS.SHORT_RSA}`,
    );
  });

  it('names the subkey when it is one', () => {
    const subkey = keyWith(goodModulus() - 1n, { subkey: true });
    expect(refuseWeak(withSignatures(certify(SHA256), subkey.packet))).toContain(
      `its subkey ${subkey.fingerprint} is: ${WEAKNESS_WORDS.SMALL_FACTOR}`,
    );
  });
});

describe('weaknessWords', () => {
  it('has words by fingerprint for people', () => {
    const certificate = withSignatures(certify(SHA1));
    expect([...weaknessWords(certificate)]).toEqual([[signer.key.fingerprint, [WEAKNESS_WORDS.OLD_HASH]]]);
  });
});
