/*
 * Whether an X.509 certificate may sign code, by a chain to one of the given roots (RFC 5280 §6, as far as
 * such chains need it: names are not compared with anything, policies are not asked for, revocation lists
 * are not fetched). Stricter than Go: the leaf must say that it is for signing code, and certificates signed
 * with RSA-PSS, or with critical extensions beyond the usual (name constraints), are refused.
 */
import type { X509Certificate } from 'node:crypto';

import { certificateFacts } from './certificate-facts.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { MAX_CHAIN_LENGTH, MAX_CHAIN_STEPS, MIN_RSA_BITS } from './limits.ts';

export interface ChainProblem {
  readonly reason: 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_UNTRUSTED';
  readonly detail: string;
}

export interface ChainOptions {
  readonly intermediates: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  /** Seconds since 1970. */
  readonly at: number;
}

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const ANY_USAGE = '2.5.29.37.0';

/** RSA, ECDSA with SHA-256, -384 and -512, and Ed25519 (RFC 4055 §5, RFC 5758 §3.2, RFC 8410 §3). */
const ALGORITHMS: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112',
]);

/** digitalSignature and contentCommitment, the two highest bits (RFC 5280 §4.2.1.3). */
const SIGNING_USAGES = 0xc0;

/** Undefined when the certificate is good now. */
export function chainProblem(leaf: X509Certificate, options: ChainOptions): ChainProblem | undefined {
  const own = leafProblem(leaf) ?? timeProblem(leaf, options.at);
  if (own !== undefined) return own;
  return new ChainSearch(options).problemAbove(leaf, [leaf]);
}

function leafProblem(leaf: X509Certificate): ChainProblem | undefined {
  const facts = certificateFacts(leaf.raw);
  if (facts === undefined) return untrusted('the certificate cannot be read');
  if (facts.extendedKeyUsage?.includes(CODE_SIGNING) !== true) {
    return untrusted('the certificate is not one for signing code (extended key usage)');
  }
  if (facts.keyUsage !== undefined && (facts.keyUsage & SIGNING_USAGES) === 0) {
    return untrusted('the certificate is not one for signatures (key usage)');
  }
  return commonProblem(facts);
}

function commonProblem({ unknownCritical }: CertificateFacts): ChainProblem | undefined {
  const [first] = unknownCritical;
  return first === undefined
    ? undefined
    : untrusted(`a certificate has the critical extension ${first}, which is not supported`);
}

/** Tries every issuer, as several certificates may have one name; the first problem met is told. */
class ChainSearch {
  readonly #options: ChainOptions;
  #steps = 0;

  constructor(options: ChainOptions) {
    this.#options = options;
  }

  /** The problem of every chain that continues `chain`, whose last certificate is `last`. */
  problemAbove(last: X509Certificate, chain: readonly X509Certificate[]): ChainProblem | undefined {
    const { roots, intermediates } = this.#options;
    if (roots.some((root) => root.fingerprint256 === last.fingerprint256)) return undefined;
    let problem: ChainProblem | undefined;
    for (const issuer of [...roots, ...intermediates]) {
      if (chain.some((one) => one.fingerprint256 === issuer.fingerprint256)) continue;
      if (!last.checkIssued(issuer)) continue;
      this.#steps += 1;
      if (this.#steps > MAX_CHAIN_STEPS || chain.length >= MAX_CHAIN_LENGTH) {
        return untrusted('the chain of certificates is too long');
      }
      const found =
        this.#issuerProblem(last, issuer, chain.length - 1) ?? this.problemAbove(issuer, [...chain, issuer]);
      if (found === undefined) return undefined;
      problem ??= found;
    }
    return problem ?? untrusted('the certificate does not lead to one of the given roots');
  }

  #issuerProblem(last: X509Certificate, issuer: X509Certificate, between: number): ChainProblem | undefined {
    const facts = certificateFacts(issuer.raw);
    const algorithm = certificateFacts(last.raw)?.signatureAlgorithm;
    if (facts === undefined || algorithm === undefined) return untrusted('a certificate cannot be read');
    if (!ALGORITHMS.has(algorithm)) {
      return untrusted('a certificate is signed with an algorithm that is not accepted');
    }
    if (!issuer.ca || (facts.pathLength ?? Infinity) < between) {
      return untrusted('a certificate of the chain may not issue the one below it');
    }
    if (!isSignedBy(last, issuer)) return untrusted('a signature in the chain is not good');
    return issuerUseProblem(facts, issuer) ?? commonProblem(facts) ?? timeProblem(issuer, this.#options.at);
  }
}

function issuerUseProblem(
  { extendedKeyUsage: usages }: CertificateFacts,
  { publicKey }: X509Certificate,
): ChainProblem | undefined {
  if (usages !== undefined && !usages.includes(CODE_SIGNING) && !usages.includes(ANY_USAGE)) {
    return untrusted('an issuer of the chain is not one for signing code');
  }
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS;
  return bits < MIN_RSA_BITS ? untrusted(`an issuer has an RSA key of ${bits} bits`) : undefined;
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function timeProblem({ validFrom, validTo }: X509Certificate, at: number): ChainProblem | undefined {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  // A time that cannot be read is NaN, and compares as false.
  if (from <= at * 1000 && at * 1000 <= to) return undefined;
  return {
    reason: 'CERTIFICATE_EXPIRED',
    detail: `a certificate is valid from ${validFrom} to ${validTo} only`,
  };
}

function untrusted(detail: string): ChainProblem {
  return { reason: 'CERTIFICATE_UNTRUSTED', detail };
}
