import { mayBeSignedBy, verifyEnvelope } from './dsse.ts';
import type { DsseHash, Envelope } from './dsse.ts';
import type { EnvelopeVerifier } from './envelope-verifier.ts';
import type { SignatureObject } from './report.ts';
import { readStatement } from './statement.ts';
import type { Statement } from './statement.ts';

/**
 * DSSE signatures: one by any of the given keys is enough (sif v2 pkg/integrity/dsse.go). The descriptor
 * holds no fingerprint for them.
 */
export function authenticateEnvelope(
  about: SignatureObject,
  envelope: Envelope,
  hash: DsseHash,
  verifiers: readonly EnvelopeVerifier[],
): Statement {
  const verifier = verifyEnvelope(envelope, verifiers, hash);
  if (verifier === undefined) {
    if (!verifiers.some((one) => mayBeSignedBy(envelope, one))) {
      return { state: 'unknown', about, claims: [], keyIds: envelope.signatures.map(({ keyId }) => keyId) };
    }
    const detail = 'no signature of the envelope fits the keys that were given';
    return { state: 'refused', about, reason: 'BAD_SIGNATURE', detail };
  }
  const { signer, problem } = verifier;
  if (problem !== undefined) return { state: 'refused', about, ...problem, attributedTo: signer };
  return readStatement(about, payloadText(envelope), signer);
}

/** What an envelope says. Octets that are not UTF-8 make a text that is no metadata. */
export function payloadText({ payload }: Envelope): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload);
}
