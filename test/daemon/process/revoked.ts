import { armor } from '../../../src/openpgp/armor.ts';
import { DAY, EPOCH, keyring, subpackets } from '../../fixtures/test-key.ts';
import type { TestCertificate } from '../../fixtures/test-key.ts';

/** RFC 9580 §5.2.3.31: reasons for a revocation. */
export const REASONS = { superseded: 1, compromised: 2, retired: 3 } as const;

/** The certificate with a revocation of its primary key. `at` in seconds since 1970. */
export function revoked(
  certificate: TestCertificate,
  reason: number = REASONS.compromised,
  at: number = EPOCH + DAY,
): TestCertificate {
  const [primary, ...others] = certificate.packets;
  if (primary === undefined) throw new Error('a certificate begins with its key');
  const revocation = certificate.key.revoke({ created: at, hashed: [subpackets.reason(reason, 'told so')] });
  const packets = [primary, revocation, ...others];
  const bytes = keyring(...packets);
  return { ...certificate, packets, bytes, armored: armor(bytes) };
}
