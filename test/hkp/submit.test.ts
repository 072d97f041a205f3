import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { recordOf } from '../../src/hkp/terms.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { OpenPgpError } from '../../src/openpgp/error.ts';
import { DEFAULT_CHECK_LIMITS, MAX_VERIFICATIONS_PER_UPLOAD } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Signature } from '../../src/openpgp/signature.ts';
import { EPOCH, keyring, makeCertificate, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { dump, respelt, submitting } from './submitting.ts';

describe('a push', () => {
  it('U1 of the same certificate again changes nothing in the store', async () => {
    const { keystore, push } = submitting();
    const { bytes, fingerprint } = makeCertificate();
    expect(await push(bytes)).toEqual({
      accepted: [{ version: 4, fingerprint, outcome: 'inserted', leftOut: [] }],
      refused: [],
    });
    const before = await dump(keystore);
    expect((await push(bytes)).accepted[0]?.outcome).toBe('unchanged');
    expect(await dump(keystore)).toBe(before);
  });

  it('names a certificate once, however often it is in the upload', async () => {
    const { push } = submitting();
    const { bytes, key, packets } = makeCertificate(['Alice', 'Bob']);
    const revoked = keyring(key.key.packet, key.revoke(), ...packets.slice(1));
    const { accepted } = await push(Buffer.concat([bytes, revoked, bytes]));
    expect(accepted).toMatchObject([{ fingerprint: key.fingerprint, outcome: 'inserted' }]);
  });

  it('U9 that holds nothing of use is refused', async () => {
    const { push } = submitting();
    const marker = framePacket(10, Buffer.from('PGP'), { legacy: false, lengthOctets: 1 });
    for (const bytes of [Buffer.alloc(0), marker.raw]) {
      await expect(push(bytes)).rejects.toMatchObject({ code: 'NOTHING_VALID' });
    }
  });

  it('U12 cut off at any octet is refused, or leaves a certificate whose kept parts all verify', async () => {
    const { bytes, fingerprint } = makeCertificate(['Alice', 'Bob']);
    const whole = parseCertificate(bytes);
    for (let length = 0; length < bytes.length; length += 1) {
      const { keystore, push } = submitting();
      const report = await push(bytes.subarray(0, length)).catch((error: unknown) => error);
      if (report instanceof OpenPgpError) continue;
      expect(report).not.toBeInstanceOf(Error);
      const record = await keystore.get(fingerprint);
      if (record === undefined) continue;
      const held = parseCertificate(record.bytes);
      expect(held.userIds.length).toBeLessThanOrEqual(whole.userIds.length);
      for (const { signatures } of [...held.userIds, ...held.subkeys])
        expect(signatures.length).toBeGreaterThan(0);
    }
  });

  it('U12 with any octet changed never stores what does not verify, and never fails in another way', async () => {
    const { bytes, fingerprint } = makeCertificate(['Alice']);
    const genuine = new Set(partsOf(bytes));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const spoiled = Buffer.from(bytes);
        spoiled[at] = (spoiled[at] ?? 0) ^ flip;
        const { keystore, push } = submitting();
        const failed = await push(spoiled).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failed === undefined || failed instanceof OpenPgpError).toBe(true);
        const record = await keystore.get(fingerprint);
        const held = record === undefined ? [] : partsOf(record.bytes);
        expect(held.filter((part) => !genuine.has(part))).toEqual([]);
        const status = await keystore.status();
        expect(status.certificates).toBe(record === undefined ? 0 : 1);
      }),
      { numRuns: 300 },
    );
  });

  it('U16 with secret key material stores nothing of it, the public parts included', async () => {
    const { keystore, push } = submitting();
    const secret = framePacket(5, Buffer.of(4, 1, 2, 3), { legacy: false, lengthOctets: 1 });
    await expect(push(Buffer.concat([makeCertificate().bytes, secret.raw]))).rejects.toMatchObject({
      code: 'SECRET_KEY',
    });
    expect((await keystore.status()).certificates).toBe(0);
  });

  it('U43 U44 U51 of good and unacceptable certificates stores the good and names both', async () => {
    const { push } = submitting();
    const good = makeCertificate();
    const three = framePacket(6, Buffer.of(3, 0, 0, 0, 1, 0, 1, 1), { legacy: false, lengthOctets: 1 });
    const bare = new TestKey();
    const report = await push(Buffer.concat([three.raw, good.bytes, bare.key.packet.raw]));
    expect(report.accepted).toMatchObject([{ fingerprint: good.fingerprint }]);
    expect(report.refused).toMatchObject([
      { version: 3, code: 'UNSUPPORTED_KEY' },
      { version: 4, fingerprint: bare.fingerprint, code: 'NOTHING_VALID' },
    ]);
  });

  it('U46 with extreme times gives plain numbers', async () => {
    for (const created of [0, 2 ** 32 - 1]) {
      const { push, state } = submitting();
      const { bytes, fingerprint } = makeCertificate(['Old'], {
        created,
        self: { created: EPOCH, hashed: [subpackets.keyExpires(2 ** 32 - 1)] },
      });
      await push(bytes);
      expect(await state(fingerprint)).toMatchObject({
        created,
        expires: created + 2 ** 32 - 1,
        expired: false,
      });
    }
  });

  it('U47 U48 of certificates that share a key ID keeps both', async () => {
    const { keystore } = submitting();
    const [a, b] = [makeCertificate(), makeCertificate()];
    const twin = { kind: 'keyid', value: 'DDA252EBB8EBE1AF' } as const;
    for (const { bytes, fingerprint } of [a, b]) {
      const record = recordOf(parseCertificate(bytes));
      await keystore.update(fingerprint, () => ({ ...record, terms: [...record.terms, twin] }));
    }
    const { fingerprints } = await keystore.find([twin], { limit: 10 });
    expect(fingerprints).toEqual([a.fingerprint, b.fingerprint].toSorted());
  });

  it('U50 of fifty parts of one certificate at the same time loses none', async () => {
    const { keystore, push, state } = submitting();
    const key = new TestKey();
    const parts = Array.from({ length: 50 }, (_, i) => {
      const packet = userId(`User ${i}`);
      return keyring(key.key.packet, packet, key.certify(packet));
    });
    await Promise.all(parts.map((part) => push(part)));
    expect((await state(key.fingerprint)).userIds).toHaveLength(50);
    expect((await keystore.status()).certificates).toBe(1);
  });

  it('U52 of a blocked key, or of a key with a blocked subkey, is refused and leaves the store as it was', async () => {
    const [primary, subkey, free] = [makeCertificate(), makeCertificate(), makeCertificate()];
    const { keystore, push } = submitting({
      blocked: new Set([primary.fingerprint, subkey.subkey.fingerprint]),
    });
    const before = await dump(keystore);
    for (const { bytes } of [primary, subkey]) {
      expect((await push(bytes)).refused).toMatchObject([{ code: 'BLOCKED' }]);
    }
    expect(await dump(keystore)).toBe(before);
    expect((await push(free.bytes)).refused).toEqual([]);
  });

  it('U53 with options=nm is refused when anything would be left out', async () => {
    const { keystore, push } = submitting();
    const { key, packets, bytes } = makeCertificate();
    const other = new TestKey();
    const alice = packets[1] ?? userId('');
    const certified = keyring(...packets.toSpliced(3, 0, other.certify(alice, { of: key })));
    const stuffed = keyring(
      key.key.packet,
      alice,
      key.certify(alice, { unhashed: [subpackets.notation(10)] }),
    );
    for (const modified of [certified, stuffed]) {
      expect((await push(modified, true)).refused).toMatchObject([{ code: 'WOULD_MODIFY' }]);
    }
    expect((await keystore.status()).certificates).toBe(0);
    expect((await push(bytes, true)).accepted).toMatchObject([{ outcome: 'inserted' }]);
  });

  it('whose verification would take too long is taken as far as its budget goes', async () => {
    const { push } = submitting({ limits: { ...DEFAULT_CHECK_LIMITS, selfSignatures: 4000 } });
    const key = new TestKey();
    const alice = userId('Alice');
    const template = key.certify(alice);
    const many = Array.from({ length: MAX_VERIFICATIONS_PER_UPLOAD }, (_, i) => respelt(template, i));
    const first = makeCertificate();
    const { accepted, refused } = await push(
      Buffer.concat([first.bytes, keyring(key.key.packet, alice, ...many)]),
    );
    expect(accepted).toMatchObject([{ fingerprint: first.fingerprint }]);
    expect(refused).toMatchObject([{ fingerprint: key.fingerprint, code: 'UPLOAD_TOO_LARGE' }]);
  });

  it('U32 that has no room in the held certificate still brings its revocation', async () => {
    const { push, state } = submitting({ limits: { ...DEFAULT_CHECK_LIMITS, userIds: 1 } });
    const { key, bytes, fingerprint } = makeCertificate(['Alice']);
    await push(bytes);
    const bob = userId('Bob');
    const { accepted } = await push(keyring(key.key.packet, key.revoke(), bob, key.certify(bob)));
    expect(accepted[0]?.leftOut).toHaveLength(1);
    expect(await state(fingerprint)).toMatchObject({ revoked: true, userIds: [{ text: 'Alice' }] });
  });
});

/** Each signature, as far as its maker wrote it, together with what it signs. */
function partsOf(bytes: Uint8Array): string[] {
  const { userIds, subkeys, primary } = parseCertificate(bytes);
  const text = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1');
  const signed = (component: Uint8Array, signatures: readonly Signature[]): string[] =>
    signatures.map(({ hashedPart, tail }) => text(component) + text(hashedPart) + text(tail));
  return [
    ...signed(primary.key.packet.body, primary.signatures),
    ...userIds.flatMap(({ packet, signatures }) => signed(packet.body, signatures)),
    ...subkeys.flatMap(({ key, signatures }) => signed(key.packet.body, signatures)),
  ];
}
