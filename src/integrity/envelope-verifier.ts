import type { CertificateSigner, KeyReason, KeySigner } from './report.ts';
import { readPublicKeyPem } from './signing-key.ts';
import type { SigningKey } from './signing-key.ts';

/** A key that the caller accepts DSSE signatures by, and who that is. */
export interface EnvelopeVerifier extends SigningKey {
  readonly signer: KeySigner | CertificateSigner;
  /** Why signatures by this key are refused all the same: its certificate is not good. */
  readonly problem?: {
    readonly reason: Extract<KeyReason, 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_UNTRUSTED'>;
    readonly detail: string;
  };
}

/** Accepts signatures by the public key of a PEM file. Throws `BAD_PEM` and `UNSUPPORTED_KEY`. */
export function publicKeyVerifier(pem: Uint8Array): EnvelopeVerifier {
  const { key, keyId } = readPublicKeyPem(pem);
  return { key, keyId, signer: { kind: 'key', keyId } };
}
