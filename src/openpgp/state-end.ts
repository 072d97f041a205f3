import type { Certificate } from './certificate.ts';
import { keyLifetime, signatureExpiry } from './signature.ts';
import type { Signature } from './signature.ts';

/**
 * Until when `certificateState` stays as it is at `at`, if nothing is added to the certificate; both in seconds since
 * 1970, Infinity for ever. No later than the first moment at which a signature begins or ends to count, or a key by
 * what any signature says of its lifetime: which of them matter is not looked at.
 */
export function stateEnd(certificate: Certificate, at: number): number {
  const { primary, userIds, subkeys } = certificate;
  let end = Infinity;
  const turn = (moment: number): void => {
    if (moment > at && moment < end) end = moment;
  };
  const turnsOf = (signatures: readonly Signature[], keyCreated: number): void => {
    for (const signature of signatures) {
      turn(signature.created);
      turn(signatureExpiry(signature) ?? Infinity);
      turn(keyCreated + (keyLifetime(signature) ?? Infinity));
    }
  };
  turnsOf(primary.signatures, primary.key.created);
  for (const { signatures } of userIds) turnsOf(signatures, primary.key.created);
  for (const { key, signatures } of subkeys) turnsOf(signatures, key.created);
  return end;
}
