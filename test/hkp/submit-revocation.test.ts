import { describe, expect, it } from 'vitest';

import { keyring, makeCertificate, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { submitting } from './submitting.ts';

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
