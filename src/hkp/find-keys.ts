/* The store as a source of keys to verify with, by what signatures claim of their issuers. */
import type { Keystore, Term } from '../keystore/keystore.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import type { IssuerClaim } from '../openpgp/signature.ts';
import type { FindKeys } from '../openpgp/third-party.ts';

/** Certificates tried for one claim: key IDs can be made to collide, so there may be several. */
const MAX_CANDIDATES = 8;

/** Held certificates whose primary key or a subkey has one of the claimed fingerprints or key IDs. */
export async function findCertificates(
  keystore: Keystore,
  claims: readonly IssuerClaim[],
): Promise<Certificate[]> {
  const found = new Map<string, Certificate>();
  for (const { fingerprint, keyId } of claims.slice(0, MAX_CANDIDATES)) {
    const term: Term =
      fingerprint === undefined
        ? { kind: 'keyid', value: keyId }
        : { kind: 'fingerprint', value: fingerprint };
    const page = await keystore.find([term], { limit: MAX_CANDIDATES });
    for (const one of page.fingerprints) {
      const record = found.has(one) ? undefined : await keystore.get(one);
      if (record !== undefined) found.set(one, parseCertificate(record.bytes));
    }
  }
  return [...found.values()];
}

/** The keys themselves: primary keys and subkeys that match a claim. */
export function findKeysIn(keystore: Keystore): FindKeys {
  return async (claims) => {
    const certificates = await findCertificates(keystore, claims);
    return certificates
      .flatMap(({ primary, subkeys }) => [primary.key, ...subkeys.map(({ key }) => key)])
      .filter((key) =>
        claims.some(({ fingerprint, keyId }) =>
          fingerprint === undefined ? keyId === key.keyId : fingerprint === key.fingerprint,
        ),
      );
  };
}
