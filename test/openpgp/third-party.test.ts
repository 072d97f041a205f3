import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { serializeCertificate } from '../../src/openpgp/certificate.ts';
import type { CheckOptions } from '../../src/openpgp/check.ts';
import { mergeCertificates } from '../../src/openpgp/merge.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { PublicKey } from '../../src/openpgp/public-key.ts';
import { mayBeIssuedBy } from '../../src/openpgp/signature.ts';
import { ATTESTED_CERTIFICATIONS } from '../../src/openpgp/subpacket.ts';
import { DAY, EPOCH, keyring, sub, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { checked } from './checked.ts';

const [owner, friend, stranger] = [new TestKey(), new TestKey(), new TestKey()];
const alice = userId('Alice');
const own = owner.certify(alice);
const byFriend = friend.certify(alice, { of: owner });
const byStranger = stranger.certify(alice, { of: owner });
const bytes = keyring(owner.key.packet, alice, own, byFriend, byStranger);

async function kept(octets: Uint8Array, options: Partial<CheckOptions>): Promise<string[]> {
  const { certificate } = await checked(octets, options);
  const names = new Map([
    [own.raw.toString(), 'own'],
    [byFriend.raw.toString(), 'friend'],
    [byStranger.raw.toString(), 'stranger'],
  ]);
  return (
    certificate.userIds[0]?.signatures.map(({ packet }) => names.get(packet.raw.toString()) ?? 'other') ?? []
  );
}

const knowing =
  (...keys: PublicKey[]): CheckOptions['findKeys'] =>
  async (claims) =>
    keys.filter(({ keyId }) => claims.some((claim) => claim.keyId === keyId));

describe('certifications by others', () => {
  it('are stripped', async () => {
    expect(await kept(bytes, { thirdParty: 'strip' })).toEqual(['own']);
  });

  it('are all kept in mode keep, apart from what is no certification', async () => {
    const direct = stranger.sign(0x1f, Buffer.from('x'));
    const octets = keyring(
      owner.key.packet,
      alice,
      own,
      byFriend,
      byStranger,
      stranger.sign(0x50, Buffer.from('x')),
      direct,
    );
    expect((await kept(octets, { thirdParty: 'keep' })).toSorted()).toEqual(['friend', 'own', 'stranger']);
  });

  it('are kept in mode same-store when the store has the key and they verify', async () => {
    expect(await kept(bytes, { thirdParty: 'same-store', findKeys: knowing(friend.key) })).toEqual([
      'own',
      'friend',
    ]);
    const forged = friend.certify(alice, { of: owner, broken: true });
    const octets = keyring(owner.key.packet, alice, own, forged);
    expect(await kept(octets, { thirdParty: 'same-store', findKeys: knowing(friend.key) })).toEqual(['own']);
  });

  it('are kept in mode attested when the newest attestation lists them', async () => {
    const attest = (created: number, ...listed: (typeof own)[]): typeof own => {
      const digests = listed.map((packet) => {
        const body = withoutUnhashed(packet.body);
        const prefix = Buffer.alloc(5, 0x88);
        prefix.writeUInt32BE(body.length, 1);
        return createHash('sha256').update(prefix).update(body).digest();
      });
      return owner.certify(alice, {
        type: 0x16,
        created,
        hashed: [sub(ATTESTED_CERTIFICATIONS, Buffer.concat(digests))],
      });
    };
    const with1 = keyring(owner.key.packet, alice, own, byFriend, byStranger, attest(EPOCH + 1, byFriend));
    expect(await kept(with1, { thirdParty: 'attested' })).toEqual(['own', 'other', 'friend']);
    const with2 = keyring(
      owner.key.packet,
      alice,
      own,
      byFriend,
      byStranger,
      attest(EPOCH + 1, byFriend),
      attest(EPOCH + 2),
    );
    expect(await kept(with2, { thirdParty: 'attested' })).toEqual(['own', 'other', 'other']);
    expect(await kept(bytes, { thirdParty: 'attested' })).toEqual(['own']);
  });

  it('cannot take the owner’s signature away by false issuers in its unhashed area', async () => {
    const issuer = sub(16, Buffer.from(owner.key.keyId, 'hex'));
    const signature = owner.certify(alice, { anonymous: true, unhashed: [issuer] });
    const lies = Array.from({ length: 40 }, (_, i) => {
      const lie = sub(16, Buffer.alloc(8, i));
      const [head, tail] = split(signature.body);
      const body = Buffer.concat([head, Buffer.of(0, lie.length), lie, tail]);
      return framePacket(2, body, { legacy: false, lengthOctets: 1 });
    });
    const mode = { thirdParty: 'keep' } as const;
    const genuine = await checked(keyring(owner.key.packet, alice, signature), mode);
    const spoiled = await checked(keyring(owner.key.packet, alice, own, ...lies), mode);
    const merged = mergeCertificates(genuine.certificate, spoiled.certificate);
    const counted = merged.userIds[0]?.signatures.filter((one) => mayBeIssuedBy(one, owner.key));
    expect(counted).toHaveLength(2);
    expect(serializeCertificate(mergeCertificates(spoiled.certificate, genuine.certificate))).toEqual(
      serializeCertificate(merged),
    );
  });
});

/** A version 4 signature before and after its unhashed area. */
function split(body: Uint8Array): [Buffer, Buffer] {
  const octets = Buffer.from(body);
  const hashedEnd = 6 + octets.readUInt16BE(4);
  return [octets.subarray(0, hashedEnd), octets.subarray(hashedEnd + 2 + octets.readUInt16BE(hashedEnd))];
}

function withoutUnhashed(body: Uint8Array): Buffer {
  const [head, tail] = split(body);
  return Buffer.concat([head, Buffer.alloc(2), tail]);
}

describe('U38 a revocation by another key', () => {
  const named = owner.direct({ hashed: [subpackets.revoker(friend.fingerprint)] });
  const revocation = friend.revoke({ of: owner, created: EPOCH + DAY });

  it('counts when the owner has named that key and the store has it', async () => {
    const octets = keyring(owner.key.packet, named, revocation, alice, own);
    const { certificate } = await checked(octets, { findKeys: knowing(friend.key) });
    expect(certificate.primary.signatures.map(({ type }) => type)).toEqual([0x1f, 0x20]);
  });

  it('is kept off when the key is not in the store, was not named, or did not make it', async () => {
    const cases: [Uint8Array, CheckOptions['findKeys']][] = [
      [keyring(owner.key.packet, named, revocation, alice, own), knowing()],
      [keyring(owner.key.packet, revocation, alice, own), knowing(friend.key)],
      [
        keyring(owner.key.packet, named, stranger.revoke({ of: owner }), alice, own),
        knowing(friend.key, stranger.key),
      ],
      [
        keyring(owner.key.packet, named, friend.revoke({ of: owner, broken: true }), alice, own),
        knowing(friend.key),
      ],
    ];
    for (const [octets, findKeys] of cases) {
      const { certificate } = await checked(octets, { findKeys });
      expect(certificate.primary.signatures.filter(({ type }) => type === 0x20)).toHaveLength(0);
    }
  });
});
