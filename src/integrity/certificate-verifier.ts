import { X509Certificate } from 'node:crypto';

import { chainProblem } from './certificate-chain.ts';
import type { EnvelopeVerifier } from './envelope-verifier.ts';
import { IntegrityError } from './error.ts';
import { MAX_PEM_CERTIFICATES } from './limits.ts';
import { checkedKey, pemText } from './signing-key.ts';

/** PEM files, and the time, in seconds since 1970, at which the chain must be good. */
export interface CertificateFiles {
  readonly certificate: Uint8Array;
  readonly intermediates?: Uint8Array;
  readonly roots: Uint8Array;
  readonly at: number;
}

/**
 * Accepts DSSE signatures by the key of a code-signing certificate. A certificate that is not good is no
 * error: signatures by it are reported, and refused. Throws `BAD_PEM` and `UNSUPPORTED_KEY`.
 */
export function certificateVerifier({
  certificate,
  intermediates,
  roots,
  at,
}: CertificateFiles): EnvelopeVerifier {
  const [leaf] = readCertificates(certificate);
  if (leaf === undefined) throw noCertificate();
  const { key, keyId } = checkedKey(leaf.publicKey);
  const problem = chainProblem(leaf, {
    intermediates: intermediates === undefined ? [] : readCertificates(intermediates),
    roots: readCertificates(roots),
    at,
  });
  const signer = {
    kind: 'x509',
    keyId,
    subject: leaf.subject.replaceAll('\n', ', '),
    certificateDigest: leaf.fingerprint256.replaceAll(':', ''),
  } as const;
  return { key, keyId, signer, ...(problem && { problem }) };
}

/** At least one. Throws `BAD_PEM`. */
function readCertificates(pem: Uint8Array): X509Certificate[] {
  const blocks = pemText(pem).match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw noCertificate();
  if (blocks.length > MAX_PEM_CERTIFICATES) {
    throw new IntegrityError('BAD_PEM', `a PEM file of more than ${MAX_PEM_CERTIFICATES} certificates`);
  }
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new IntegrityError('BAD_PEM', 'a certificate in the PEM file cannot be read');
    }
  });
}

function noCertificate(): IntegrityError {
  return new IntegrityError('BAD_PEM', 'no PEM certificate (“-----BEGIN CERTIFICATE-----”) in the file');
}
