import type { Certificate } from '../openpgp/certificate.ts';
import type { IssuerClaim } from '../openpgp/signature.ts';

/** Where a certificate really came from: the keyring of the host, the user's keyring, a key server. */
export type KeyLabel = 'GLOBAL' | 'LOCAL' | 'REMOTE';

export interface FoundCertificate {
  readonly certificate: Certificate;
  readonly label: KeyLabel;
}

/** Finds the certificates a signature may have been made with. */
export interface KeySource {
  /**
   * Certificates whose primary key or a subkey fits one of the claims, best source first; all of them when
   * a key ID fits several. The claims are what the signature and its descriptor say of themselves: they
   * select candidates and are evidence of nothing. Absence is an empty list; an error that leaves it open
   * whether there are any is thrown.
   */
  certificates(claims: readonly IssuerClaim[]): Promise<readonly FoundCertificate[]>;
}
