/* Revocations that come without their key: what `gpg --gen-revoke` writes. */
import { signatureIdentity } from '../../openpgp/certificate.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { sortSignatures } from '../../openpgp/check-signatures.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { DEFAULT_CHECK_LIMITS } from '../../openpgp/limits.ts';
import { SIGNATURE, splitPackets } from '../../openpgp/packet.ts';
import { isValidRevocation } from '../../openpgp/revoker.ts';
import { KEY_REVOCATION, mayBeIssuedBy, readSignature } from '../../openpgp/signature.ts';
import type { Signature } from '../../openpgp/signature.ts';
import { Tally } from '../../openpgp/tally.ts';
import type { FindKeys } from '../../openpgp/third-party.ts';
import { verifySignature } from '../../openpgp/verify.ts';

/** Packets that are nothing but revocations of keys; undefined when there is anything else, or nothing. */
export function revocationsIn(bytes: Uint8Array): readonly Signature[] | undefined {
  try {
    const packets = splitPackets(bytes);
    if (packets.length === 0 || packets.some(({ tag }) => tag !== SIGNATURE)) return undefined;
    const signatures = packets.map(readSignature);
    return signatures.every(({ type }) => type === KEY_REVOCATION) ? signatures : undefined;
  } catch (error) {
    if (error instanceof OpenPgpError) return undefined;
    throw error;
  }
}

/**
 * What a revocation adds to a certificate: its primary key and the revocation. Undefined when it does not verify for
 * it: neither the owner made it, nor whom the owner named.
 */
export async function revocationOf(
  certificate: Certificate,
  revocation: Signature,
  findKeys: FindKeys,
): Promise<Certificate | undefined> {
  const { key } = certificate.primary;
  const own = [certificate.primary, ...certificate.userIds]
    .flatMap(({ signatures }) => signatures)
    .filter((one) => mayBeIssuedBy(one, key));
  if (!(await isValidRevocation(revocation, { key, own }, { findKeys, verify: verifySignature })))
    return undefined;
  const context = { primary: key, limits: DEFAULT_CHECK_LIMITS, tally: new Tally() };
  const sorted = sortSignatures([revocation.packet], context);
  const signatures = [...sorted.own, ...sorted.others];
  return signatures.length === 0 ? undefined : { primary: { key, signatures }, userIds: [], subkeys: [] };
}

/** Whether a certificate has all signatures on its primary key that the other one has. */
export function hasRevocation(certificate: Certificate, revoked: Certificate): boolean {
  const held = new Set(certificate.primary.signatures.map(signatureIdentity));
  return revoked.primary.signatures.every((one) => held.has(signatureIdentity(one)));
}
