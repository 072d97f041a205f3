/*
 * What becomes of certifications by others. Anybody can attach any number of them to anybody's certificate
 * (CVE-2019-13050), so by default none is kept.
 */
import { concatBytes, equalBytes } from '../bytes/compare.ts';
import { digest } from './hash-algorithm.ts';
import type { PublicKey } from './public-key.ts';
import { ATTESTATION, CERTIFICATIONS, CERTIFICATION_REVOCATION, mayBeIssuedBy } from './signature.ts';
import type { IssuerClaim, Signature } from './signature.ts';
import { ATTESTED_CERTIFICATIONS } from './subpacket.ts';
import type { VerificationBudget } from './verification-budget.ts';
import type { Verifier } from './verifier.ts';

/**
 * `strip` keeps none; `keep` all that are well formed; `attested` those that the certificate's owner has
 * attested (draft-dkg-openpgp-1pa3pc); `same-store` those by keys in this store that verify.
 */
export type ThirdPartyMode = 'strip' | 'keep' | 'attested' | 'same-store';

/** Finds keys (primary or subkey) in the store by what a signature claims of its issuers. */
export type FindKeys = (claims: readonly IssuerClaim[]) => Promise<readonly PublicKey[]>;

interface ThirdPartyCheck {
  readonly subject: Uint8Array;
  readonly findKeys: FindKeys;
  readonly verify: Verifier;
  /** When it is spent, no more are tried. */
  readonly budget?: VerificationBudget | undefined;
}

/** Those of `others` that the mode lets stay on a user ID whose verified own signatures are `own`. */
export async function keepThirdParty(
  others: readonly Signature[],
  context: ThirdPartyCheck & { mode: ThirdPartyMode; own: readonly Signature[] },
): Promise<Signature[]> {
  const certifications = others.filter(
    ({ type }) => CERTIFICATIONS.has(type) || type === CERTIFICATION_REVOCATION,
  );
  switch (context.mode) {
    case 'strip':
      return [];
    case 'keep':
      return certifications;
    case 'attested':
      return certifications.filter((one) => isAttested(one, context.own));
    case 'same-store': {
      const kept: Signature[] = [];
      for (const one of certifications) if (await isByKnownKey(one, context)) kept.push(one);
      return kept;
    }
  }
}

async function isByKnownKey(signature: Signature, context: ThirdPartyCheck): Promise<boolean> {
  if (context.budget?.take() === false) return false;
  const keys = await context.findKeys(signature.issuers);
  for (const key of keys) {
    if (mayBeIssuedBy(signature, key) && (await context.verify(signature, key, context.subject))) return true;
  }
  return false;
}

/** The newest attestation counts alone: it lists the digests of all certifications it stands for. */
function isAttested(signature: Signature, own: readonly Signature[]): boolean {
  const attestations = own.filter(({ type }) => type === ATTESTATION);
  const newest = attestations.reduce<Signature | undefined>(
    (best, one) => (best === undefined || one.created > best.created ? one : best),
    undefined,
  );
  const wanted = newest && digest(newest.hash, attestedOctets(signature));
  if (newest === undefined || wanted === undefined) return false;
  return newest.hashed
    .filter(({ type }) => type === ATTESTED_CERTIFICATIONS)
    .some(({ body }) => {
      for (let i = 0; i + wanted.length <= body.length; i += wanted.length) {
        if (equalBytes(body.subarray(i, i + wanted.length), wanted)) return true;
      }
      return false;
    });
}

/** As for a third-party confirmation (RFC 9580 §5.2.4): the packet's body with an empty unhashed area. */
function attestedOctets({ version, hashedPart, tail }: Signature): Uint8Array {
  const body = concatBytes([hashedPart, new Uint8Array(version === 6 ? 4 : 2), tail]);
  const prefix = Buffer.alloc(5, 0x88);
  prefix.writeUInt32BE(body.length, 1);
  return concatBytes([prefix, body]);
}
