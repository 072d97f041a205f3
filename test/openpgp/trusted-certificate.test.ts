import { describe, expect, it } from 'vitest';

import { serializeCertificate } from '../../src/openpgp/certificate.ts';
import type { CheckedCertificate } from '../../src/openpgp/check.ts';
import { readKeyring } from '../../src/openpgp/keyring.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import type { CheckLimits } from '../../src/openpgp/limits.ts';
import type { ThirdPartyMode } from '../../src/openpgp/third-party.ts';
import { trustCertificate } from '../../src/openpgp/trusted-certificate.ts';
import { keyring, makeCertificate, TestKey, userId } from '../fixtures/test-key.ts';
import { stored, withIdentity } from './checked.ts';

function trusted(
  bytes: Uint8Array,
  { limits = {}, thirdParty = 'strip' }: { limits?: Partial<CheckLimits>; thirdParty?: ThirdPartyMode } = {},
): CheckedCertificate {
  const [group] = readKeyring(bytes).certificates;
  if (group === undefined) throw new Error('the keyring holds no certificate');
  return trustCertificate(group, { limits: { ...DEFAULT_CHECK_LIMITS, ...limits }, thirdParty });
}

describe('trustCertificate', () => {
  it.each([4, 6] as const)('keeps what was stored of version %i octet for octet', async (version) => {
    const bytes = await stored(makeCertificate(['Alice <alice@example.org>', 'Bob'], { version }).bytes);
    const { certificate, leftOut } = trusted(bytes);
    expect(Buffer.from(serializeCertificate(certificate)).equals(bytes)).toBe(true);
    expect(leftOut).toEqual([]);
  });

  it('believes signatures', () => {
    const key = new TestKey();
    const alice = userId('Alice');
    const { certificate } = trusted(keyring(key.key.packet, alice, key.certify(alice, { broken: true })));
    expect(certificate.userIds).toHaveLength(1);
  });

  it('keeps a revocation by another key, which it cannot tell from one by a named revoker', () => {
    const [key, other] = [new TestKey(), new TestKey()];
    const { certificate } = trusted(keyring(key.key.packet, other.revoke({ of: key })));
    expect(certificate.primary.signatures).toHaveLength(1);
  });

  it('keeps certifications by others where the operator keeps them', () => {
    const [key, other] = [new TestKey(), new TestKey()];
    const alice = userId('Alice');
    const bytes = keyring(key.key.packet, alice, key.certify(alice), other.certify(alice, { of: key }));
    expect(trusted(bytes).leftOut).toEqual([
      expect.objectContaining({ what: 'third-party certification', count: 1 }),
    ]);
    expect(trusted(bytes).certificate.userIds[0]?.signatures).toHaveLength(1);
    const kept = trusted(bytes, { thirdParty: 'same-store' });
    expect(kept.certificate.userIds[0]?.signatures).toHaveLength(2);
  });

  it.each([
    ['user IDs', { userIds: 0 }],
    ['octets of a user ID', { userIdOctets: 3 }],
    ['octets of a key', { keyOctets: 10 }],
    ['octets of a signature', { signatureOctets: 10 }],
    ['octets of a certificate', { certificateOctets: 10 }],
  ])('holds it against the limit of %s', (_, limits) => {
    expect(() => trusted(withIdentity(new TestKey()), { limits })).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_TOO_LARGE' }),
    );
  });

  it('refuses a bare key, a signature that is cut off, and a subkey of another version', () => {
    const key = new TestKey();
    const code = (expected: string): unknown => expect.objectContaining({ code: expected });
    expect(() => trusted(keyring(key.key.packet))).toThrow(code('NOTHING_VALID'));
    const alice = userId('Alice');
    const signature = key.certify(alice);
    const cut = { ...signature, raw: Buffer.of(0xc2, 3, ...signature.body.subarray(0, 3)) };
    expect(() => trusted(keyring(key.key.packet, alice, cut))).toThrow(code('BAD_PACKET'));
    const subkey = new TestKey({ version: 6, subkey: true });
    expect(() => trusted(withIdentity(key, subkey.key.packet, key.bind(subkey)))).toThrow(
      code('BAD_CERTIFICATE'),
    );
  });
});
