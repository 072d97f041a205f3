/* What may be added to a held certificate whoever brings it: that its owner takes something back. */
import { signatureIdentity } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { bodyIdentity } from '../openpgp/merge.ts';
import { isValidRevocation } from '../openpgp/revoker.ts';
import {
  CERTIFICATION_REVOCATION,
  KEY_REVOCATION,
  mayBeIssuedBy,
  SUBKEY_REVOCATION,
} from '../openpgp/signature.ts';
import type { Signature } from '../openpgp/signature.ts';
import type { FindKeys } from '../openpgp/third-party.ts';
import { verifyForStore } from '../openpgp/verify-for-store.ts';

/**
 * The revocations of a checked certificate that `held` does not have, on the packets of `held`; undefined
 * when there are none. Those of others than the owner count for the key only, and only where the held
 * certificate names their maker: who is named in the offered one alone, the holder of `held` was not told.
 */
export async function newRevocations(
  held: Certificate,
  offered: Certificate,
  findKeys: FindKeys,
): Promise<Certificate | undefined> {
  const { key } = held.primary;
  const added = {
    primary: { key, signatures: await newKeyRevocations(held, offered, findKeys) },
    userIds: held.userIds.flatMap((one) => {
      const its = offered.userIds.find((other) => bodyIdentity(other) === bodyIdentity(one));
      const signatures = unknown(its?.signatures, one.signatures, CERTIFICATION_REVOCATION).filter((made) =>
        mayBeIssuedBy(made, key),
      );
      return signatures.length === 0 ? [] : [{ packet: one.packet, signatures }];
    }),
    subkeys: held.subkeys.flatMap((one) => {
      const its = offered.subkeys.find((other) => other.key.fingerprint === one.key.fingerprint);
      const signatures = unknown(its?.signatures, one.signatures, SUBKEY_REVOCATION);
      return signatures.length === 0 ? [] : [{ key: one.key, signatures }];
    }),
  };
  const none =
    added.primary.signatures.length === 0 && added.userIds.length === 0 && added.subkeys.length === 0;
  return none ? undefined : added;
}

/** Whether a signature is a key revocation by the certificate's owner or by somebody it names. */
export async function revokes(
  signature: Signature,
  { primary, userIds }: Certificate,
  findKeys: FindKeys,
): Promise<boolean> {
  const { key } = primary;
  const own = [primary, ...userIds]
    .flatMap(({ signatures }) => signatures)
    .filter((one) => mayBeIssuedBy(one, key));
  return isValidRevocation(signature, { key, own }, { findKeys, verify: verifyForStore });
}

async function newKeyRevocations(
  held: Certificate,
  offered: Certificate,
  findKeys: FindKeys,
): Promise<Signature[]> {
  const counting: Signature[] = [];
  for (const one of unknown(offered.primary.signatures, held.primary.signatures, KEY_REVOCATION)) {
    if (await revokes(one, held, findKeys)) counting.push(one);
  }
  return counting;
}

function unknown(offered: readonly Signature[] = [], held: readonly Signature[], type: number): Signature[] {
  const known = new Set(held.map(signatureIdentity));
  return offered.filter((one) => one.type === type && !known.has(signatureIdentity(one)));
}
