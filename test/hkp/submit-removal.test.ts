import { describe, expect, it } from 'vitest';

import type { Merge, Update } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { removeKey } from '../../src/keystore/remove-key.ts';
import { EPOCH, keyring, makeCertificate } from '../fixtures/test-key.ts';
import { dump, submitting } from './submitting.ts';

function tombstone(fingerprint: string) {
  return { fingerprint, time: EPOCH * 1000, by: 'owner', reason: 'lost' } as const;
}

/** A store in which something happens right before a certificate is stored, after it was asked for tombstones. */
class DisturbedKeystore extends MemoryKeystore {
  before: () => Promise<unknown> = async () => {};

  override async update(fingerprint: string, merge: Merge): Promise<Update> {
    await this.before();
    return super.update(fingerprint, merge);
  }
}

describe('a push of a key that was removed', () => {
  it('F5 is refused, for the primary key and for a subkey, and leaves the store as it was', async () => {
    const { keystore, push } = submitting();
    const [primary, subkey, free] = [makeCertificate(), makeCertificate(), makeCertificate()];
    for (const { bytes } of [primary, subkey]) await push(bytes);
    await removeKey(keystore, tombstone(primary.fingerprint));
    await removeKey(keystore, tombstone(subkey.subkey.fingerprint));
    const before = await dump(keystore);
    for (const { bytes, fingerprint } of [primary, subkey]) {
      expect(await push(bytes)).toMatchObject({
        accepted: [],
        refused: [{ version: 4, fingerprint, code: 'BLOCKED' }],
      });
    }
    expect(await dump(keystore)).toBe(before);
    expect((await keystore.status()).certificates).toBe(0);
    expect((await push(free.bytes)).refused).toEqual([]);
  });

  it('is refused before anything is stored, when only a subkey of it was removed', async () => {
    const { keystore, push } = submitting();
    const { bytes, fingerprint, subkey } = makeCertificate();
    await keystore.remove(tombstone(subkey.fingerprint));
    const before = await dump(keystore);
    expect((await push(bytes)).refused).toMatchObject([{ fingerprint, code: 'BLOCKED' }]);
    expect(await dump(keystore)).toBe(before);
    expect(await keystore.tombstones([fingerprint])).toEqual([]);
  });

  it('is taken again once the key is unblocked', async () => {
    const { keystore, push } = submitting();
    const { bytes, fingerprint } = makeCertificate();
    await keystore.remove(tombstone(fingerprint));
    expect((await push(bytes)).refused).toHaveLength(1);
    await keystore.unblock(fingerprint);
    expect((await push(bytes)).accepted).toMatchObject([{ fingerprint, outcome: 'inserted' }]);
  });

  it('says nothing of the reason of the removal, which is for the operator', async () => {
    const { keystore, push } = submitting();
    const { bytes, fingerprint } = makeCertificate();
    await keystore.remove({ ...tombstone(fingerprint), reason: 'between us' });
    expect(JSON.stringify(await push(bytes))).not.toContain('between us');
  });

  it('does not get in when the primary key is removed while it is checked', async () => {
    const keystore = new DisturbedKeystore({ now: () => EPOCH * 1000 });
    const { push } = submitting({ keystore });
    const { bytes, fingerprint } = makeCertificate();
    keystore.before = () => keystore.remove(tombstone(fingerprint));
    expect((await push(bytes)).refused).toMatchObject([{ code: 'BLOCKED', fingerprint }]);
    expect(await keystore.get(fingerprint)).toBeUndefined();
  });

  it('is taken out again when a subkey is removed while it is checked, new or held before', async () => {
    for (const heldBefore of [false, true]) {
      const keystore = new DisturbedKeystore({ now: () => EPOCH * 1000 });
      const { push } = submitting({ keystore });
      const { bytes, fingerprint, subkey } = makeCertificate();
      if (heldBefore) await push(bytes);
      keystore.before = () => keystore.remove(tombstone(subkey.fingerprint));
      expect(await push(bytes)).toMatchObject({ accepted: [], refused: [{ code: 'BLOCKED' }] });
      expect(await keystore.get(fingerprint)).toBeUndefined();
      expect(await keystore.tombstones([fingerprint])).toMatchObject([{ by: 'owner', reason: 'lost' }]);
    }
  });

  it('is not half there when a revocation comes while its key is removed and unblocked', async () => {
    const keystore = new DisturbedKeystore({ now: () => EPOCH * 1000 });
    const { push } = submitting({ keystore });
    const { bytes, key, packets, fingerprint } = makeCertificate();
    const revoked = keyring(key.key.packet, key.revoke(), ...packets.slice(1));
    const pusher = { permits: async () => ({ kind: 'revocations', reason: 'no token' }) as const };
    for (const uploaded of [{ bytes: key.revoke().raw }, { bytes: revoked, pusher }]) {
      keystore.before = async () => {};
      await push(bytes);
      keystore.before = async () => {
        await keystore.remove(tombstone(fingerprint));
        await keystore.unblock(fingerprint);
      };
      const report = await push(uploaded.bytes, false, uploaded.pusher);
      expect(report).toMatchObject({ accepted: [], refused: [{ code: 'REVOCATION_WITHOUT_CERTIFICATE' }] });
      expect(await keystore.get(fingerprint)).toBeUndefined();
    }
  });
});
