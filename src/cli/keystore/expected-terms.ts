import { termsOfCertificate } from '../../hkp/terms.ts';
import type { Term } from '../../keystore/keystore.ts';
import { parseCertificate } from '../../openpgp/certificate.ts';
import { OpenPgpError } from '../../openpgp/error.ts';

/** Throws `BAD_CERTIFICATE` when the bytes are not a certificate of this fingerprint. */
export function expectedTerms(bytes: Uint8Array, fingerprint: string): readonly Term[] {
  const certificate = parseCertificate(bytes);
  if (certificate.primary.key.fingerprint !== fingerprint) {
    throw new OpenPgpError('BAD_CERTIFICATE', `the certificate of ${certificate.primary.key.fingerprint}`);
  }
  return termsOfCertificate(certificate);
}
