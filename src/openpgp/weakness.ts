/* What keeps a certificate from being strong, and how people are told. */
import type { Certificate, KeyComponent } from './certificate.ts';
import { weaknessesOfKey } from './key-strength.ts';
import type { Weakness } from './key-strength.ts';
import type { PublicKey } from './public-key.ts';
import { CERTIFICATIONS, DIRECT_KEY, mayBeIssuedBy, SUBKEY_BINDING, SUBKEY_REVOCATION } from './signature.ts';
import type { Signature } from './signature.ts';

/** In the order in which they are shown; each is a part of a sentence. */
export const WEAKNESS_WORDS: Readonly<Record<Weakness, string>> = {
  SHARED_FACTOR: 'shares a prime with another key: both can be computed',
  ROCA: 'made by a faulty chip (ROCA, CVE-2017-15361): it can be computed',
  SMALL_FACTOR: 'a damaged or made-up RSA number: it has a small factor',
  BAD_EXPONENT: 'an RSA exponent that is even or below 3',
  SHORT_RSA: 'RSA below 2048 bits',
  ELGAMAL_SIGNING: 'ElGamal for signing, which OpenPGP has given up',
  DSA: 'DSA, which is not approved for signing any more',
  EXPONENT_3: 'the RSA exponent 3, with which careless programs accept forgeries',
  OLD_HASH: 'held together by MD5, SHA-1 or RIPEMD-160 only',
};

/**
 * The weaknesses of each key of a checked certificate that has any, by its fingerprint, the primary key
 * first. Costs about a millisecond for each RSA key.
 */
export function weaknessesByKey(certificate: Certificate): ReadonlyMap<string, readonly Weakness[]> {
  return weaknessesOfComponents(certificate, certificate.subkeys);
}

/** `weaknessesByKey` in words. */
export function weaknessWords(certificate: Certificate): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...weaknessesByKey(certificate)].map(([fingerprint, found]) => [
      fingerprint,
      found.map((one) => WEAKNESS_WORDS[one]),
    ]),
  );
}

/**
 * What is weak about a checked certificate: its primary key, or a subkey that is not revoked. A weak subkey
 * weakens the whole, as what it signs counts as the owner's. Each weakness once; none: nothing is known.
 */
export function strengthOf(certificate: Certificate): readonly Weakness[] {
  return [...new Set([...inUse(certificate).values()].flat())];
}

/**
 * Why an operator who wants no weak keys does not take this certificate, in one line; undefined: nothing is
 * weak. Revocations of what is held must be taken all the same: that is for the caller to see to.
 */
export function refuseWeak(certificate: Certificate): string | undefined {
  const [first] = inUse(certificate);
  if (first === undefined) return undefined;
  const [fingerprint, weaknesses] = first;
  const part = fingerprint === certificate.primary.key.fingerprint ? 'the key' : `its subkey ${fingerprint}`;
  const words = weaknesses.map((one) => WEAKNESS_WORDS[one]).join('; ');
  return `this server takes no weak keys, and ${part} is: ${words}`;
}

/** As signing does, a revocation counts from the moment it is known, whatever its date. */
function inUse(certificate: Certificate): ReadonlyMap<string, readonly Weakness[]> {
  const { primary, subkeys } = certificate;
  const isRevoked = (one: KeyComponent): boolean =>
    one.signatures.some(
      (signature) => signature.type === SUBKEY_REVOCATION && mayBeIssuedBy(signature, primary.key),
    );
  return weaknessesOfComponents(
    certificate,
    subkeys.filter((one) => !isRevoked(one)),
  );
}

function weaknessesOfComponents(
  { primary, userIds }: Certificate,
  subkeys: readonly KeyComponent[],
): ReadonlyMap<string, readonly Weakness[]> {
  const { key } = primary;
  const own = (signatures: readonly Signature[], types: ReadonlySet<number>): Signature[] =>
    signatures.filter((one) => types.has(one.type) && mayBeIssuedBy(one, key));
  const found = new Map<string, readonly Weakness[]>();
  const judge = (one: PublicKey, bindings: readonly Signature[]): void => {
    const weaknesses = [...weaknessesOfKey(one), ...weaknessesOfBindings(bindings)];
    if (weaknesses.length > 0) found.set(one.fingerprint, weaknesses);
  };
  const selfSignatures = [primary, ...userIds].flatMap(({ signatures }) => signatures);
  judge(key, own(selfSignatures, SELF_SIGNATURES));
  for (const subkey of subkeys) judge(subkey.key, own(subkey.signatures, BINDINGS));
  return found;
}

const SELF_SIGNATURES: ReadonlySet<number> = new Set([...CERTIFICATIONS, DIRECT_KEY]);
const BINDINGS: ReadonlySet<number> = new Set([SUBKEY_BINDING]);

/** MD5, SHA-1 and RIPEMD-160 (RFC 9580 §9.5): the first two have collisions, none is to be used any more. */
const OLD_HASHES: ReadonlySet<number> = new Set([1, 2, 3]);

/** One by a better hash is enough; where there is none at all, as in a bare revocation, nothing is weak. */
function weaknessesOfBindings(bindings: readonly Signature[]): Weakness[] {
  return bindings.length > 0 && bindings.every(({ hash }) => OLD_HASHES.has(hash)) ? ['OLD_HASH'] : [];
}
