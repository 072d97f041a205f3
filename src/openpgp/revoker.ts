/* Who may revoke a key: its owner, and whom its owner has named (RFC 9580 §5.2.3.23, version 4 only). */
import { keyIdOf } from './fingerprint.ts';
import type { PublicKey } from './public-key.ts';
import { designatedRevokers, KEY_REVOCATION, mayBeIssuedBy } from './signature.ts';
import type { Signature } from './signature.ts';
import { keySubject } from './subject.ts';
import type { Tally } from './tally.ts';
import type { FindKeys } from './third-party.ts';
import type { VerificationBudget } from './verification-budget.ts';
import type { Verifier } from './verifier.ts';

/** A primary key and the signatures its owner made on it and on its user IDs, all verified. */
export interface Revocable {
  readonly key: PublicKey;
  readonly own: readonly Signature[];
}

/** Where other keys are found, and who judges the signature. */
export interface RevocationCheck {
  readonly findKeys: FindKeys;
  readonly verify: Verifier;
}

/** True when `signature` revokes the key and was made by somebody who may. */
export async function isValidRevocation(
  signature: Signature,
  { key, own }: Revocable,
  { findKeys, verify }: RevocationCheck,
): Promise<boolean> {
  if (signature.type !== KEY_REVOCATION) return false;
  const subject = keySubject(key);
  if (mayBeIssuedBy(signature, key)) return verify(signature, key, subject);
  const revokers = new Set(own.flatMap(designatedRevokers));
  if (revokers.size === 0) return false;
  for (const revoker of await findKeys(signature.issuers)) {
    if (revokers.has(revoker.fingerprint) && (await verify(signature, revoker, subject))) return true;
  }
  return false;
}

/** What there is of revocations by others in an upload. */
export interface JudgedRevocations {
  readonly valid: readonly Signature[];
  /** Those that cannot be judged without the keys of named revokers, by whom they say they are. */
  readonly unjudged: readonly Signature[];
  /** Fingerprints of these revokers. */
  readonly missing: readonly string[];
}

const REVOKER_MISSING =
  'by a revoker that the owner named, whose key is not held here; send that key, then this one again';

/**
 * Of signatures by others than the owner, the revocations by whom the owner named; the others are counted in `tally`.
 * Throws as the budget does.
 */
export async function judgeRevocations(
  others: readonly Signature[],
  revocable: Revocable,
  check: RevocationCheck & { readonly tally: Tally; readonly budget?: VerificationBudget },
): Promise<JudgedRevocations> {
  const valid: Signature[] = [];
  const missing = new Set<string>();
  const unjudged: Signature[] = [];
  for (const one of others) {
    const revokers = one.type === KEY_REVOCATION ? claimedRevokers(one, revocable.own) : [];
    if (revokers.length === 0) continue;
    check.budget?.spend(1);
    const found = await check.findKeys(one.issuers);
    if (found.some(({ fingerprint }) => revokers.includes(fingerprint))) {
      const findKeys = (): Promise<typeof found> => Promise.resolve(found);
      if (await isValidRevocation(one, revocable, { ...check, findKeys })) valid.push(one);
    } else {
      unjudged.push(one);
      for (const revoker of revokers) missing.add(revoker);
    }
  }
  const strangers = others.length - valid.length - unjudged.length;
  check.tally.add('signature by another key', "only the owner's own are kept", strangers);
  check.tally.add('key revocation', REVOKER_MISSING, unjudged.length);
  return { valid, unjudged, missing: [...missing] };
}

/** Fingerprints of those whom the owner named and by whom a signature says it is. */
function claimedRevokers(signature: Signature, own: readonly Signature[]): string[] {
  const claims = signature.issuers;
  const claimed = own
    .flatMap(designatedRevokers)
    .filter((revoker) =>
      claims.some(({ fingerprint, keyId }) =>
        fingerprint === undefined ? keyId === keyIdOf(revoker) : fingerprint === revoker,
      ),
    );
  return [...new Set(claimed)];
}
