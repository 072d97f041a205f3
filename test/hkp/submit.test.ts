import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSubmit } from '../../src/hkp/submit.ts';
import type { SubmitParts } from '../../src/hkp/submit.ts';
import type { SubmissionReport } from '../../src/hkp/submission.ts';
import { recordOf } from '../../src/hkp/terms.ts';
import type { CertificateRecord, Keystore } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { OpenPgpError } from '../../src/openpgp/error.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Signature } from '../../src/openpgp/signature.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import type { CertificateState } from '../../src/openpgp/state.ts';
import { DAY, EPOCH, keyring, makeCertificate, subpackets, TestKey, userId } from '../fixtures/test-key.ts';

const NOW = EPOCH + 365 * DAY;

/** A store, and what a push and a look at it need. */
function server(options: Partial<SubmitParts> = {}) {
  const keystore = new MemoryKeystore({ now: () => NOW * 1000 });
  const submit = createSubmit({
    keystore,
    limits: DEFAULT_CHECK_LIMITS,
    thirdParty: 'strip',
    blocked: new Set(),
    ...options,
  });
  const push = (bytes: Uint8Array, noModification = false): Promise<SubmissionReport> =>
    submit(bytes, { noModification });
  const state = async (fingerprint: string): Promise<CertificateState> => {
    const record = await keystore.get(fingerprint);
    if (record === undefined) throw new Error(`${fingerprint} is not held`);
    return certificateState(parseCertificate(record.bytes), NOW);
  };
  return { keystore, push, state };
}

/** The store as one text: certificates, terms and the change log. */
async function dump(keystore: Keystore): Promise<string> {
  const records: CertificateRecord[] = [];
  for await (const record of keystore.records()) records.push(record);
  const changes: number[] = [];
  for await (const { sequence } of keystore.changes(0)) changes.push(sequence);
  return JSON.stringify([
    records.map(({ fingerprint, bytes, terms }) => [
      fingerprint,
      Buffer.from(bytes).toString('hex'),
      terms.map(({ kind, value }) => `${kind} ${value}`).toSorted(),
    ]),
    changes,
  ]);
}

describe('a push', () => {
  it('U1 of the same certificate again changes nothing in the store', async () => {
    const { keystore, push } = server();
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
    const { push } = server();
    const { bytes, key, packets } = makeCertificate(['Alice', 'Bob']);
    const revoked = keyring(key.key.packet, key.revoke(), ...packets.slice(1));
    const { accepted } = await push(Buffer.concat([bytes, revoked, bytes]));
    expect(accepted).toMatchObject([{ fingerprint: key.fingerprint, outcome: 'inserted' }]);
  });

  it('U9 that holds nothing of use is refused', async () => {
    const { push } = server();
    const marker = framePacket(10, Buffer.from('PGP'), { legacy: false, lengthOctets: 1 });
    for (const bytes of [Buffer.alloc(0), marker.raw]) {
      await expect(push(bytes)).rejects.toMatchObject({ code: 'NOTHING_VALID' });
    }
  });

  it('U12 cut off at any octet is refused, or leaves a certificate whose kept parts all verify', async () => {
    const { bytes, fingerprint } = makeCertificate(['Alice', 'Bob']);
    const whole = parseCertificate(bytes);
    for (let length = 0; length < bytes.length; length += 1) {
      const { keystore, push } = server();
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
        const { keystore, push } = server();
        const outcome = await push(spoiled).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(OpenPgpError);
        const record = await keystore.get(fingerprint);
        if (record !== undefined)
          for (const part of partsOf(record.bytes)) expect(genuine.has(part)).toBe(true);
        const status = await keystore.status();
        expect(status.certificates).toBe(record === undefined ? 0 : 1);
      }),
      { numRuns: 300 },
    );
  });

  it('U16 with secret key material stores nothing of it, the public parts included', async () => {
    const { keystore, push } = server();
    const secret = framePacket(5, Buffer.of(4, 1, 2, 3), { legacy: false, lengthOctets: 1 });
    await expect(push(Buffer.concat([makeCertificate().bytes, secret.raw]))).rejects.toMatchObject({
      code: 'SECRET_KEY',
    });
    expect((await keystore.status()).certificates).toBe(0);
  });

  it('U43 U44 U51 of good and unacceptable certificates stores the good and names both', async () => {
    const { push } = server();
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
      const { push, state } = server();
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
    const { keystore } = server();
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
    const { keystore, push, state } = server();
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
    const { keystore, push } = server({
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
    const { keystore, push } = server();
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

  it('U32 that has no room in the held certificate still brings its revocation', async () => {
    const { push, state } = server({ limits: { ...DEFAULT_CHECK_LIMITS, userIds: 1 } });
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

describe('a revocation', () => {
  it('U37 that stands alone is merged into the certificate it revokes', async () => {
    const { push, state } = server();
    const { key, bytes, fingerprint } = makeCertificate();
    const alone = key.revoke({ hashed: [subpackets.reason(2, 'stolen')] }).raw;
    expect((await push(alone)).refused).toMatchObject([
      { code: 'REVOCATION_WITHOUT_CERTIFICATE', fingerprint },
    ]);
    await push(bytes);
    expect((await push(alone)).accepted).toMatchObject([{ fingerprint, outcome: 'updated' }]);
    expect(await state(fingerprint)).toMatchObject({
      revoked: true,
      revocation: { hard: true, code: 2, text: 'stolen' },
    });
    expect((await push(alone)).accepted).toMatchObject([{ fingerprint, outcome: 'unchanged' }]);
  });

  it('U37 is taken when it comes in one upload with its certificate', async () => {
    const { push, state } = server();
    const { key, bytes, fingerprint } = makeCertificate();
    await push(Buffer.concat([key.revoke().raw, bytes]));
    expect(await state(fingerprint)).toMatchObject({ revoked: true });
  });

  it('U38 that stands alone by a key the owner has named cannot say what it revokes; with the key it can', async () => {
    const { push, state } = server();
    const [owner, revoker] = [new TestKey(), makeCertificate(['Revoker'])];
    const alice = userId('Alice');
    const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
    await push(revoker.bytes);
    await push(keyring(owner.key.packet, named, alice, owner.certify(alice)));
    const revocation = revoker.key.revoke({ of: owner });
    expect((await push(revocation.raw)).refused).toHaveLength(1);
    await push(keyring(owner.key.packet, revocation, named));
    expect(await state(owner.fingerprint)).toMatchObject({ revoked: true });
  });

  it('U39 that is false is dropped and does not show', async () => {
    const { push, state } = server();
    const { key, bytes, packets, fingerprint } = makeCertificate();
    const forger = new TestKey();
    await push(bytes);
    await push(keyring(key.key.packet, key.revoke({ broken: true }), ...packets.slice(1)));
    await push(
      keyring(key.key.packet, forger.revoke({ of: key, anonymous: true, unhashed: [] }), ...packets.slice(1)),
    );
    expect((await push(key.revoke({ broken: true }).raw)).refused).toHaveLength(1);
    expect(await state(fingerprint)).toMatchObject({ revoked: false });
  });

  it('U41 survives the upload of an older copy', async () => {
    const { push, state } = server();
    const { key, bytes, fingerprint } = makeCertificate();
    await push(bytes);
    await push(key.revoke().raw);
    expect((await push(bytes)).accepted).toMatchObject([{ outcome: 'unchanged' }]);
    expect(await state(fingerprint)).toMatchObject({ revoked: true });
  });
});

describe('what a certificate can be found by', () => {
  it('L3 includes its subkeys, L9 L10 its addresses and words, folded', async () => {
    const { subkey, fingerprint, bytes } = makeCertificate([
      'Jürgen GROẞ <J.Gross@Example.ORG>',
      'bare@example.net',
    ]);
    const { terms } = recordOf(parseCertificate(bytes));
    const of = (kind: string): string[] =>
      terms.filter((term) => term.kind === kind).map(({ value }) => value);
    expect(of('fingerprint')).toEqual([fingerprint, subkey.fingerprint]);
    expect(of('keyid')).toEqual([fingerprint.slice(-16), subkey.fingerprint.slice(-16)]);
    expect(of('short')).toEqual([fingerprint.slice(-8), subkey.fingerprint.slice(-8)]);
    expect(of('email')).toEqual(['j.gross@example.org', 'bare@example.net']);
    expect(of('word')).toEqual(
      expect.arrayContaining(['jürgen', 'gross', 'j', 'example', 'org', 'bare', 'net']),
    );
    expect(of('digest')[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('does not include a subkey that is revoked without ever having been bound', async () => {
    const { push, keystore } = server();
    const [key, subkey] = [new TestKey(), new TestKey({ subkey: true })];
    await push(keyring(key.key.packet, key.direct(), subkey.key.packet, key.revokeSubkey(subkey)));
    const { fingerprints } = await keystore.find([{ kind: 'fingerprint', value: subkey.fingerprint }], {
      limit: 2,
    });
    expect(fingerprints).toEqual([]);
  });
});
