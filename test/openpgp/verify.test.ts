import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { framePacket, PUBLIC_KEY, SIGNATURE } from '../../src/openpgp/packet.ts';
import { readPublicKey } from '../../src/openpgp/public-key.ts';
import type { PublicKey } from '../../src/openpgp/public-key.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import type { Signature } from '../../src/openpgp/signature.ts';
import { keySubject, userIdSubject } from '../../src/openpgp/subject.ts';
import { verifySignature } from '../../src/openpgp/verify.ts';
import { sub, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { AnySigner, dsaSigner, ecdsaSigner, edwardsSigner, mpi, rsaSigner } from './any-signer.ts';

const FRAMING = { legacy: false, lengthOctets: 1 };

/** The octets of a signature changed at a place counted from the end. */
function changed({ packet }: Signature, fromEnd: number): Signature {
  const body = Uint8Array.from(packet.body);
  const at = body.length - fromEnd;
  body[at] = (body[at] ?? 0) ^ 1;
  return readSignature(framePacket(SIGNATURE, body, FRAMING));
}

/** What the RSA operation must give for PKCS #1 v1.5 with SHA-512, for a modulus of 2048 bits. */
function pkcs1Sha512(input: Uint8Array): Buffer {
  const info = Buffer.from('3051300d060960864801650304020305000440', 'hex');
  const digest = createHash('sha512').update(input).digest();
  const padding = Buffer.alloc(256 - 3 - info.length - digest.length, 0xff);
  return Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), info, digest]);
}

describe('verifySignature', () => {
  const signers: [string, () => AnySigner][] = [
    ['RSA of 1024 bits', () => rsaSigner(1024)],
    ['RSA of 2048 bits', () => rsaSigner(2048)],
    ['DSA of 1024 and 160 bits', () => dsaSigner(1024, 160)],
    ['ECDSA on P-256', () => ecdsaSigner('prime256v1', '2a8648ce3d030107', 32)],
    ['ECDSA on P-384', () => ecdsaSigner('secp384r1', '2b81040022', 48)],
    ['ECDSA on P-521', () => ecdsaSigner('secp521r1', '2b81040023', 66)],
    ['ECDSA on secp256k1', () => ecdsaSigner('secp256k1', '2b8104000a', 32)],
    ['ECDSA on brainpoolP256r1', () => ecdsaSigner('brainpoolP256r1', '2b2403030208010107', 32)],
    ['ECDSA on brainpoolP384r1', () => ecdsaSigner('brainpoolP384r1', '2b240303020801010b', 48)],
    ['ECDSA on brainpoolP512r1', () => ecdsaSigner('brainpoolP512r1', '2b240303020801010d', 64)],
    ['Ed25519 in version 4', () => edwardsSigner('ed25519', 4)],
    ['Ed25519 in version 6', () => edwardsSigner('ed25519', 6)],
    ['Ed448 in version 6', () => edwardsSigner('ed448', 6)],
  ];

  it.each(signers)('accepts %s, and nothing that was changed', async (_, make) => {
    const signer = make();
    const subject = keySubject(signer.key);
    const signature = signer.sign(subject);
    expect(await verifySignature(signature, signer.key, subject)).toBe(true);
    expect(await verifySignature(changed(signature, 1), signer.key, subject)).toBe(false);
    expect(await verifySignature(signature, signer.key, Buffer.from('another subject'))).toBe(false);
    expect(await verifySignature(signature, make().key, subject)).toBe(false);
  });

  it.each([
    { id: 1, name: 'md5' },
    { id: 2, name: 'sha1' },
    { id: 3, name: 'ripemd160' },
    { id: 8, name: 'sha256' },
    { id: 9, name: 'sha384' },
    { id: 11, name: 'sha224' },
  ])('U22: accepts digests by $name: what is old is not for the store to judge', async (hash) => {
    const signer = rsaSigner(1024);
    const subject = keySubject(signer.key);
    for (const type of [0x00, 0x1f]) {
      expect(await verifySignature(signer.sign(subject, { hash, type }), signer.key, subject)).toBe(true);
    }
  });

  it.each([4, 6] as const)('accepts every type of signature of version %i', async (version) => {
    const key = new TestKey({ version });
    const id = userId('a');
    for (const type of [0x10, 0x13, 0x16, 0x30]) {
      const signature = readSignature(key.certify(id, { type }));
      expect(await verifySignature(signature, key.key, userIdSubject(key.key, id))).toBe(true);
      expect(await verifySignature(signature, key.key, userIdSubject(key.key, userId('b')))).toBe(false);
    }
  });

  it('does not look at dates, at the issuer, or at what is critical', async () => {
    const key = new TestKey();
    const id = userId('a');
    const claims = [
      sub(33, [4, ...new Uint8Array(20)]),
      sub(99, [1], true),
      sub(20, [0x80, 0, 0, 0, 0, 1, 0, 1, 0x61, 0x62], true),
      subpackets.revoker(key.fingerprint),
      subpackets.expires(1),
    ];
    for (const created of [0, 2 ** 32 - 1]) {
      const packet = key.certify(id, {
        created,
        anonymous: true,
        hashed: claims,
        unhashed: [sub(16, new Uint8Array(8))],
      });
      expect(await verifySignature(readSignature(packet), key.key, userIdSubject(key.key, id))).toBe(true);
    }
  });

  it('is not kept from verifying by anything in the unhashed area', async () => {
    const key = new TestKey();
    const id = userId('a');
    for (const unhashed of [[sub(32, [4])], [sub(20, [0])], [sub(16, [1])], [sub(33, [])], [sub(2, [1])]]) {
      const signature = readSignature(key.certify(id, { unhashed }));
      expect(await verifySignature(signature, key.key, userIdSubject(key.key, id))).toBe(true);
    }
  });

  it.each([
    { version: 4, other: 6 },
    { version: 6, other: 4 },
  ] as const)(
    'refuses a signature of version $other by a key of version $version',
    async ({ version, other }) => {
      const signer = edwardsSigner('ed25519', version);
      const subject = Buffer.from('subject');
      expect(await verifySignature(signer.sign(subject), signer.key, subject)).toBe(true);
      expect(await verifySignature(signer.sign(subject, { version: other }), signer.key, subject)).toBe(
        false,
      );
    },
  );

  it('refuses a changed digest prefix, and a signature cut off within its material', async () => {
    const signer = edwardsSigner('ed25519', 4);
    const subject = keySubject(signer.key);
    const signature = signer.sign(subject);
    expect(await verifySignature(changed(signature, 64 + 2), signer.key, subject)).toBe(false);
    for (const length of [0, 1, 2, 40]) {
      const body = signature.packet.body.subarray(0, signature.hashedPart.length + 2 + length);
      const cut = readSignature(framePacket(SIGNATURE, body, FRAMING));
      expect(await verifySignature(cut, signer.key, subject)).toBe(false);
    }
  });

  it.each([99, 35, 16])(
    'refuses a key and signature of algorithm %i without an exception',
    async (algorithm) => {
      const signer = new AnySigner({
        algorithm,
        material: Buffer.of(0, 1, 1),
        make: () => Buffer.of(0, 1, 1),
      });
      const subject = keySubject(signer.key);
      expect(await verifySignature(signer.sign(subject), signer.key, subject)).toBe(false);
    },
  );

  it('refuses a signature by an unknown hash algorithm', async () => {
    for (const signer of [rsaSigner(1024), ecdsaSigner('secp256k1', '2b8104000a', 32)]) {
      const subject = keySubject(signer.key);
      const signature = signer.sign(subject, { hash: { id: 99, name: 'sha512' } });
      expect(await verifySignature(signature, signer.key, subject)).toBe(false);
    }
  });
});

describe('verifySignature with malformed keys', () => {
  /** The key of `packet` with an octet of its body changed. */
  const altered = ({ packet }: PublicKey, fromEnd: number): PublicKey => {
    const body = Uint8Array.from(packet.body);
    const at = body.length - fromEnd;
    body[at] = (body[at] ?? 0) ^ 1;
    return readPublicKey(framePacket(PUBLIC_KEY, body, FRAMING));
  };

  it.each([
    ['P-256', (): AnySigner => ecdsaSigner('prime256v1', '2a8648ce3d030107', 32)],
    ['brainpoolP256r1', (): AnySigner => ecdsaSigner('brainpoolP256r1', '2b2403030208010107', 32)],
    ['Ed25519', (): AnySigner => edwardsSigner('ed25519', 4)],
  ])('U17: refuses a point off the curve %s', async (_, make) => {
    const signer = make();
    const subject = Buffer.from('subject');
    expect(await verifySignature(signer.sign(subject), altered(signer.key, 1), subject)).toBe(false);
  });

  it.each([
    { what: 'an even modulus', n: Buffer.alloc(256, 0xfe), e: [1, 0, 1] },
    { what: 'a modulus of 0', n: Buffer.alloc(0), e: [1, 0, 1] },
    { what: 'a modulus of 1', n: Buffer.of(1), e: [1, 0, 1] },
    { what: 'an exponent of 0', n: Buffer.alloc(256, 0xff), e: [] },
    { what: 'an exponent of 1', n: Buffer.alloc(256, 0xff), e: [1] },
    { what: 'an exponent of 1 with leading zeros', n: Buffer.alloc(256, 0xff), e: [0, 0, 1] },
    { what: 'an even exponent', n: Buffer.alloc(256, 0xff), e: [2] },
  ])('U18: refuses RSA with $what', async ({ n, e }) => {
    const material = Buffer.concat([mpi(n), Buffer.of(0, e.length * 8, ...e)]);
    const signer = new AnySigner({ algorithm: 1, material, make: (input) => mpi(pkcs1Sha512(input)) });
    const subject = keySubject(signer.key);
    expect(await verifySignature(signer.sign(subject), signer.key, subject)).toBe(false);
  });

  it.each([
    { what: 'p, q, g and y of 0', integers: [[], [], [], []] },
    { what: 'p and q of 1', integers: [[1], [1], [1], [1]] },
    { what: 'an even p', integers: [[8], [7], [2], [2]] },
  ])('U18: refuses DSA with $what', async ({ integers }) => {
    const material = Buffer.concat(integers.map((octets) => mpi(Uint8Array.from(octets))));
    const make = (): Buffer => Buffer.concat([mpi(Buffer.of(1)), mpi(Buffer.of(1))]);
    const signer = new AnySigner({ algorithm: 17, material, make });
    const subject = keySubject(signer.key);
    expect(await verifySignature(signer.sign(subject), signer.key, subject)).toBe(false);
  });
});
