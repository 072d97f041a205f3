import { describe, expect, it } from 'vitest';

import { MAX_VERIFICATIONS_PER_UPLOAD } from '../../src/openpgp/limits.ts';
import { keyring, makeCertificate, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { respelt, submitting } from './submitting.ts';

describe('a revocation', () => {
  it('U37 that stands alone is merged into the certificate it revokes', async () => {
    const { push, state } = submitting();
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
    const { push, state } = submitting();
    const { key, bytes, fingerprint } = makeCertificate();
    await push(Buffer.concat([key.revoke().raw, bytes]));
    expect(await state(fingerprint)).toMatchObject({ revoked: true });
  });

  it('U38 that stands alone by a key the owner has named cannot say what it revokes; with the key it can', async () => {
    const { push, state } = submitting();
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

  /** A key whose owner named a revoker, the revoker, and the revocation on the key. */
  function revokedByAnother() {
    const [owner, revoker] = [new TestKey(), makeCertificate(['Revoker'])];
    const alice = userId('Alice');
    const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
    const revocation = revoker.key.revoke({ of: owner });
    const revoked = keyring(owner.key.packet, revocation, named, alice, owner.certify(alice));
    return { owner, revoker, revocation, revoked };
  }

  it('U38 by a key that is not held is left out, and whoever sent it is told which key to send first', async () => {
    const { push, state } = submitting();
    const { owner, revoker, revoked } = revokedByAnother();
    const { accepted } = await push(revoked);
    expect(accepted).toMatchObject([
      {
        outcome: 'inserted',
        awaited: [revoker.fingerprint],
        leftOut: [
          { what: 'key revocation', why: expect.stringContaining('not held here') as string, count: 1 },
        ],
      },
    ]);
    expect(await state(owner.fingerprint)).toMatchObject({ revoked: false });
    await push(revoker.bytes);
    const again = (await push(revoked)).accepted;
    expect(again).toMatchObject([{ outcome: 'updated', leftOut: [] }]);
    expect(again[0]).not.toHaveProperty('awaited');
    expect(await state(owner.fingerprint)).toMatchObject({ revoked: true });
  });

  it.each(['before', 'after'] as const)(
    'U38 takes effect when its maker comes %s it in one upload',
    async (place) => {
      const { push, state } = submitting();
      const { owner, revoker, revoked } = revokedByAnother();
      const both = place === 'before' ? [revoker.bytes, revoked] : [revoked, revoker.bytes];
      const { accepted } = await push(Buffer.concat(both));
      expect(accepted.map(({ outcome, leftOut }) => ({ outcome, leftOut }))).toEqual([
        { outcome: 'inserted', leftOut: [] },
        { outcome: 'inserted', leftOut: [] },
      ]);
      expect(await state(owner.fingerprint)).toMatchObject({ revoked: true });
    },
  );

  it('U38 that claims to be by a named revoker and is not is left out for good', async () => {
    const { push, state } = submitting();
    const [owner, revoker] = [new TestKey(), makeCertificate(['Revoker'])];
    const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
    await push(revoker.bytes);
    const forged = revoker.key.revoke({ of: owner, broken: true });
    const { accepted } = await push(keyring(owner.key.packet, forged, named));
    expect(accepted).toMatchObject([{ leftOut: [{ what: 'signature by another key' }] }]);
    expect(accepted[0]).not.toHaveProperty('awaited');
    expect(await state(owner.fingerprint)).toMatchObject({ revoked: false });
  });

  it('is not verified by the thousand: neither bare ones, nor those by a named revoker', async () => {
    const { push, state } = submitting();
    const { owner, revoker, revoked } = revokedByAnother();
    await push(revoker.bytes);
    await push(revoked);
    const many = (one: (n: number) => ReturnType<TestKey['revoke']>): ReturnType<TestKey['revoke']>[] =>
      Array.from({ length: MAX_VERIFICATIONS_PER_UPLOAD + 1 }, (_, n) => one(n));
    const template = revoker.key.revoke({ of: owner, broken: true });
    const flood = many((n) => respelt(template, n));
    const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
    expect((await push(keyring(owner.key.packet, named, ...flood))).refused).toMatchObject([
      { fingerprint: owner.fingerprint, code: 'UPLOAD_TOO_LARGE' },
    ]);
    const bare = await push(keyring(...many((n) => respelt(owner.revoke({ broken: true }), n))));
    expect(bare.accepted).toEqual([]);
    expect(bare.refused.at(-1)).toMatchObject({ code: 'UPLOAD_TOO_LARGE' });
    expect(bare.refused.length).toBeLessThanOrEqual(MAX_VERIFICATIONS_PER_UPLOAD);
    expect(await state(owner.fingerprint)).toMatchObject({ revoked: true });
  });

  it('U39 that is false is dropped and does not show', async () => {
    const { push, state } = submitting();
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
    const { push, state } = submitting();
    const { key, bytes, fingerprint } = makeCertificate();
    await push(bytes);
    await push(key.revoke().raw);
    expect((await push(bytes)).accepted).toMatchObject([{ outcome: 'unchanged' }]);
    expect(await state(fingerprint)).toMatchObject({ revoked: true });
  });
});
