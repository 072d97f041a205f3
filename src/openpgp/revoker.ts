/* Who may revoke a key: its owner, and whom its owner has named (RFC 9580 §5.2.3.23, version 4 only). */
import type { PublicKey } from './public-key.ts';
import { claimedIssuers, designatedRevokers, KEY_REVOCATION, mayBeIssuedBy } from './signature.ts';
import type { Signature } from './signature.ts';
import { keySubject } from './subject.ts';
import type { FindKeys } from './third-party.ts';
import type { Verifier } from './verifier.ts';

/** A primary key and the signatures its owner made on it and on its user IDs, all verified. */
export interface Revocable {
  readonly key: PublicKey;
  readonly own: readonly Signature[];
}

/** Where other keys are found, and who judges the signature. */
export interface RevocationCheck {
  readonly findKeys: FindKeys;
  readonly verify: Verifier;
}

/** True when `signature` revokes the key and was made by somebody who may. */
export async function isValidRevocation(
  signature: Signature,
  { key, own }: Revocable,
  { findKeys, verify }: RevocationCheck,
): Promise<boolean> {
  if (signature.type !== KEY_REVOCATION) return false;
  const subject = keySubject(key);
  if (mayBeIssuedBy(signature, key)) return verify(signature, key, subject);
  const revokers = new Set(own.flatMap(designatedRevokers));
  if (revokers.size === 0) return false;
  for (const revoker of await findKeys(claimedIssuers(signature))) {
    if (revokers.has(revoker.fingerprint) && (await verify(signature, revoker, subject))) return true;
  }
  return false;
}
