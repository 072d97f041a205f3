import { describe, expect, it } from 'vitest';

import { framePacket, SIGNATURE } from '../../src/openpgp/packet.ts';
import {
  claimsPrimaryUserId,
  designatedRevokers,
  isExportable,
  keyFlags,
  keyLifetime,
  mayBeIssuedBy,
  namesIssuer,
  readSignature,
  revocationReason,
  signatureExpiry,
} from '../../src/openpgp/signature.ts';
import { readSubpackets } from '../../src/openpgp/subpacket.ts';
import { EPOCH, makeCertificate, sub, subpackets, TestKey } from '../fixtures/test-key.ts';
import { unsigned, unsignedPacket } from './unsigned.ts';

const badPacket = expect.objectContaining({ name: 'OpenPgpError', code: 'BAD_PACKET' });
const FINGERPRINT = 'EB85BB5FA33A75E15E944E63F231550C4F47E38E';
const KEY_ID = FINGERPRINT.slice(-16);
const V6_FINGERPRINT = '4199D9EAA6682A78D5A534F62BF76222A54E4DEBC785DBE6A6C5B34586026FE2';
const issuer = (keyId: string): Uint8Array => sub(16, Buffer.from(keyId, 'hex'));
const issuerFingerprint = (version: number, fingerprint: string): Uint8Array =>
  sub(33, [version, ...Buffer.from(fingerprint, 'hex')]);

describe('readSignature', () => {
  it.each([4, 6] as const)('reads a signature of version %i in its parts', (version) => {
    const tail = Buffer.from('tail');
    const packet = unsignedPacket({
      version,
      type: 0x18,
      algorithm: 27,
      hashed: [subpackets.flags(2)],
      unhashed: [issuer(KEY_ID)],
      tail,
    });
    const signature = readSignature(packet);
    expect(signature).toMatchObject({ version, type: 0x18, algorithm: 27, hash: 8, created: EPOCH });
    expect(signature.hashed.map(({ type }) => type)).toEqual([2, 27]);
    expect(signature.unhashed.map(({ type }) => type)).toEqual([16]);
    expect(Buffer.from(signature.tail)).toEqual(tail);
    const hashedLength = 4 + (version === 6 ? 4 : 2) + 6 + 3;
    expect(Buffer.from(signature.hashedPart)).toEqual(Buffer.from(packet.body.subarray(0, hashedLength)));
    expect(signature.packet).toBe(packet);
  });

  it('reads every signature of a certificate', () => {
    const { packets } = makeCertificate(['a', 'b'], { version: 6 });
    const read = packets.filter(({ tag }) => tag === SIGNATURE).map(readSignature);
    expect(read.map(({ type, version }) => [version, type])).toEqual([
      [6, 0x1f],
      [6, 0x13],
      [6, 0x13],
      [6, 0x18],
    ]);
  });

  it.each([0, 2, 3, 5, 7, 255])('refuses version %i', (version) => {
    expect(() => unsigned({ version })).toThrow(badPacket);
  });

  it.each([4, 6])('refuses a signature of version %i cut off before its tail', (version) => {
    const { body } = unsignedPacket({ version, unhashed: [issuer(KEY_ID)], tail: new Uint8Array() });
    for (let length = 0; length < body.length; length += 1) {
      const packet = framePacket(SIGNATURE, body.subarray(0, length), { legacy: false, lengthOctets: 1 });
      expect(() => readSignature(packet)).toThrow(badPacket);
    }
  });

  it.each([
    { what: 'no creation time', created: new Uint8Array() },
    { what: 'a creation time of three octets', created: sub(2, [1, 2, 3]) },
    { what: 'a creation time of five octets', created: sub(2, [1, 2, 3, 4, 5]) },
    { what: 'a subpacket without a type', created: Uint8Array.of(0) },
  ])('refuses a signature with $what', ({ created }) => {
    expect(() => unsigned({ created, unhashed: [sub(2, [0, 0, 0, 1])] })).toThrow(badPacket);
  });

  it('takes the last of several creation times', () => {
    expect(unsigned({ hashed: [sub(2, [0, 0, 0, 9])] }).created).toBe(9);
  });
});

describe('what a signature says', () => {
  it('is read from the hashed area alone', () => {
    const lies = [
      subpackets.expires(1),
      subpackets.keyExpires(1),
      subpackets.notExportable(),
      subpackets.primary(),
      subpackets.flags(1),
      subpackets.reason(3, 'x'),
      subpackets.revoker(FINGERPRINT),
    ];
    const signature = unsigned({ unhashed: lies });
    expect(signature.unhashed).toHaveLength(lies.length);
    expect(signatureExpiry(signature)).toBeUndefined();
    expect(keyLifetime(signature)).toBeUndefined();
    expect(isExportable(signature)).toBe(true);
    expect(claimsPrimaryUserId(signature)).toBe(false);
    expect(keyFlags(signature)).toBeUndefined();
    expect(revocationReason(signature)).toEqual({ code: 0, text: '' });
    expect(designatedRevokers(signature)).toEqual([]);
  });

  it('is that of the last subpacket of a type', () => {
    const signature = unsigned({
      hashed: [subpackets.flags(1), subpackets.flags(2), subpackets.primary(), sub(25, [0])],
    });
    expect(keyFlags(signature)).toBe(2);
    expect(claimsPrimaryUserId(signature)).toBe(false);
  });

  it('when it ends to be valid: its creation and the seconds given, 0 for never', () => {
    expect(signatureExpiry(unsigned({ hashed: [subpackets.expires(60)] }))).toBe(EPOCH + 60);
    expect(signatureExpiry(unsigned({ hashed: [subpackets.expires(0)] }))).toBeUndefined();
    expect(signatureExpiry(unsigned({ hashed: [sub(3, [1])] }))).toBeUndefined();
  });

  it('U46: when it ends to be valid, beyond 32 bits', () => {
    const signature = unsigned({
      created: sub(2, [255, 255, 255, 255]),
      hashed: [subpackets.expires(2 ** 32 - 1)],
    });
    expect(signatureExpiry(signature)).toBe(2 * (2 ** 32 - 1));
  });

  it('how long the key lives, 0 for ever', () => {
    expect(keyLifetime(unsigned({ hashed: [subpackets.keyExpires(60)] }))).toBe(60);
    expect(keyLifetime(unsigned({ hashed: [subpackets.keyExpires(0)] }))).toBe(0);
    expect(keyLifetime(unsigned({ hashed: [sub(9, [0, 0, 60])] }))).toBeUndefined();
  });

  it('that it must not be published', () => {
    expect(isExportable(unsigned({ hashed: [subpackets.notExportable()] }))).toBe(false);
    expect(isExportable(unsigned({ hashed: [sub(4, [1])] }))).toBe(true);
    expect(isExportable(unsigned())).toBe(true);
  });

  it('what a key is for', () => {
    expect(keyFlags(unsigned({ hashed: [sub(27, [0x0c, 0x04])] }))).toBe(0x0c);
    expect(keyFlags(unsigned({ hashed: [sub(27, [])] }))).toBe(0);
  });

  it('that a user ID is the primary one', () => {
    expect(claimsPrimaryUserId(unsigned({ hashed: [subpackets.primary()] }))).toBe(true);
    expect(claimsPrimaryUserId(unsigned({ hashed: [sub(25, [])] }))).toBe(false);
    expect(claimsPrimaryUserId(unsigned())).toBe(false);
  });

  it('why something is revoked, in any octets', () => {
    expect(revocationReason(unsigned({ hashed: [subpackets.reason(1, 'jünger')] }))).toEqual({
      code: 1,
      text: 'jünger',
    });
    expect(revocationReason(unsigned({ hashed: [sub(29, [2, 0xff])] }))).toEqual({ code: 2, text: '\ufffd' });
    expect(revocationReason(unsigned({ hashed: [sub(29, [])] }))).toEqual({ code: 0, text: '' });
  });

  it('who may revoke the key, sensitive or not', () => {
    const digits = [...Buffer.from(FINGERPRINT, 'hex')];
    const sensitive = sub(12, [0xc0, 22, ...digits]);
    expect(designatedRevokers(unsigned({ hashed: [subpackets.revoker(FINGERPRINT), sensitive] }))).toEqual([
      FINGERPRINT,
      FINGERPRINT,
    ]);
    const malformed = [sub(12, [0x40, 22, ...digits]), sub(12, [0x80, 22, ...digits.slice(1)]), sub(12, [])];
    expect(designatedRevokers(unsigned({ hashed: malformed }))).toEqual([]);
  });
});

describe('issuers', () => {
  it('prefers fingerprints to key IDs, and the hashed area to the other', () => {
    const byFingerprint = { fingerprint: FINGERPRINT, keyId: KEY_ID };
    const both = [issuer('0123456789ABCDEF'), issuerFingerprint(4, FINGERPRINT)];
    expect(unsigned({ hashed: both, unhashed: [issuerFingerprint(6, V6_FINGERPRINT)] }).issuers).toEqual([
      byFingerprint,
    ]);
    expect(unsigned({ unhashed: both }).issuers).toEqual([byFingerprint]);
    expect(unsigned({ hashed: [issuer(KEY_ID)], unhashed: both }).issuers).toEqual([
      { fingerprint: undefined, keyId: KEY_ID },
    ]);
  });

  it('computes the key ID of a version 6 fingerprint', () => {
    expect(unsigned({ version: 6, hashed: [issuerFingerprint(6, V6_FINGERPRINT)] }).issuers).toEqual([
      { fingerprint: V6_FINGERPRINT, keyId: V6_FINGERPRINT.slice(0, 16) },
    ]);
  });

  it('is empty when there is none, or none that can be read', () => {
    expect(unsigned().issuers).toEqual([]);
    expect(unsigned({ unhashed: [issuer('AABB'), sub(33, [4]), sub(33, [])] }).issuers).toEqual([]);
  });
});

describe('mayBeIssuedBy', () => {
  const { key } = new TestKey();
  const by = (fingerprint: string): Uint8Array => issuerFingerprint(4, fingerprint);

  it('is true when the signature names the key, or nobody', () => {
    expect(mayBeIssuedBy(unsigned({ hashed: [by(key.fingerprint)] }), key)).toBe(true);
    expect(mayBeIssuedBy(unsigned({ unhashed: [issuer(key.keyId)] }), key)).toBe(true);
    expect(mayBeIssuedBy(unsigned(), key)).toBe(true);
  });

  it('is false when the signature names another, be it with the same key ID', () => {
    expect(mayBeIssuedBy(unsigned({ hashed: [by(FINGERPRINT)] }), key)).toBe(false);
    expect(mayBeIssuedBy(unsigned({ unhashed: [issuer(KEY_ID)] }), key)).toBe(false);
    const twin = FINGERPRINT.slice(0, 24) + key.keyId;
    expect(mayBeIssuedBy(unsigned({ hashed: [by(twin)] }), key)).toBe(false);
  });

  it('cannot be made false by adding a false claim to a true one', () => {
    expect(mayBeIssuedBy(unsigned({ unhashed: [issuer(KEY_ID), issuer(key.keyId)] }), key)).toBe(true);
    const hashed = [by(key.fingerprint)];
    expect(mayBeIssuedBy(unsigned({ hashed, unhashed: [by(FINGERPRINT)] }), key)).toBe(true);
  });
});

describe('namesIssuer', () => {
  const { key } = new TestKey();
  const names = (subpacket: Uint8Array): boolean[] =>
    readSubpackets(subpacket).map((one) => namesIssuer(one, key));

  it('is true for a key ID or fingerprint of the key, and for no other subpacket', () => {
    expect(names(issuer(key.keyId))).toEqual([true]);
    expect(names(issuerFingerprint(4, key.fingerprint))).toEqual([true]);
    expect(names(issuer(KEY_ID))).toEqual([false]);
    expect(names(issuerFingerprint(4, FINGERPRINT))).toEqual([false]);
    expect(names(issuerFingerprint(6, key.fingerprint))).toEqual([false]);
    expect(names(sub(20, Buffer.from(key.keyId, 'hex')))).toEqual([false]);
  });
});
