/*
 * The union of what is known of a certificate. Commutative, associative and idempotent over checked
 * certificates, so the order and the portions of uploads leave no trace; nothing is ever taken away, so no
 * revocation is lost to an older copy.
 */
import { canonicalOrder, signatureIdentity } from './certificate.ts';
import type { Certificate, KeyComponent, UserIdComponent } from './certificate.ts';
import { OpenPgpError } from './error.ts';
import { joinPackets, joinSignatures } from './framing.ts';
import { CERTIFICATION_REVOCATION, KEY_REVOCATION, mayBeIssuedBy, SUBKEY_REVOCATION } from './signature.ts';
import type { PublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';

/** Throws `BAD_CERTIFICATE` when the two are not of the same primary key. */
export function mergeCertificates(held: Certificate, offered: Certificate): Certificate {
  if (held.primary.key.fingerprint !== offered.primary.key.fingerprint) {
    throw new OpenPgpError('BAD_CERTIFICATE', 'certificates of different primary keys cannot be merged');
  }
  const merge = new Merge(held.primary.key);
  return canonicalOrder({
    primary: merge.keys(held.primary, offered.primary),
    userIds: unite([...held.userIds, ...offered.userIds], bodyIdentity, (a, b) => merge.userIds(a, b)),
    subkeys: unite(
      [...held.subkeys, ...offered.subkeys],
      ({ key }) => key.fingerprint,
      (a, b) => merge.keys(a, b),
    ),
  });
}

/** Each signature once, its variants joined. */
export function uniteSignatures(signatures: readonly Signature[]): Signature[] {
  return unite(signatures, signatureIdentity, joinSignatures);
}

/** The first of each identity joined with all that follow it. */
export function unite<T>(all: readonly T[], identity: (one: T) => string, join: (a: T, b: T) => T): T[] {
  const united = new Map<string, T>();
  for (const one of all) {
    const key = identity(one);
    const before = united.get(key);
    united.set(key, before === undefined ? one : join(before, one));
  }
  return [...united.values()];
}

export function bodyIdentity({ packet }: { readonly packet: { readonly body: Uint8Array } }): string {
  return Buffer.from(packet.body).toString('latin1');
}

/** The union of components of certificates of one primary key. */
class Merge {
  readonly #primary: PublicKey;

  constructor(primary: PublicKey) {
    this.#primary = primary;
  }

  keys(a: KeyComponent, b: KeyComponent): KeyComponent {
    const packet = joinPackets(a.key.packet, b.key.packet);
    return { key: packet === a.key.packet ? a.key : b.key, signatures: this.#signatures(a, b) };
  }

  userIds(a: UserIdComponent, b: UserIdComponent): UserIdComponent {
    return { packet: joinPackets(a.packet, b.packet), signatures: this.#signatures(a, b) };
  }

  /**
   * The owner's signatures and those of others apart: where others' are kept unverified, a variant of the
   * owner's that names somebody else must not be joined with it.
   */
  #signatures(a: Signed, b: Signed): Signature[] {
    const all = [...a.signatures, ...b.signatures];
    const isOwn = (one: Signature): boolean => mayBeIssuedBy(one, this.#primary);
    return [...uniteSignatures(all.filter(isOwn)), ...uniteSignatures(all.filter((one) => !isOwn(one)))];
  }
}

type Signed = Pick<UserIdComponent, 'signatures'>;

const REVOCATIONS: ReadonlySet<number> = new Set([
  KEY_REVOCATION,
  SUBKEY_REVOCATION,
  CERTIFICATION_REVOCATION,
]);

/**
 * What of `offered` takes something back that `held` says. Merged when there is no room for the whole: a
 * revocation is never refused for want of space.
 */
export function onlyRevocations(held: Certificate, offered: Certificate): Certificate {
  const revoking = (by: readonly Signature[]): Signature[] => by.filter(({ type }) => REVOCATIONS.has(type));
  const userIds = new Set(held.userIds.map(bodyIdentity));
  const subkeys = new Set(held.subkeys.map(({ key }) => key.fingerprint));
  return {
    primary: { key: offered.primary.key, signatures: revoking(offered.primary.signatures) },
    userIds: offered.userIds
      .filter((userId) => userIds.has(bodyIdentity(userId)))
      .map((userId) => ({ packet: userId.packet, signatures: revoking(userId.signatures) })),
    subkeys: offered.subkeys
      .filter(({ key }) => subkeys.has(key.fingerprint))
      .map((subkey) => ({ key: subkey.key, signatures: revoking(subkey.signatures) })),
  };
}

/** The certificate as its owner made it, without what others certified on its user IDs. */
export function withoutThirdParty(certificate: Certificate): Certificate {
  const { key } = certificate.primary;
  return {
    ...certificate,
    userIds: certificate.userIds.map(({ packet, signatures }) => ({
      packet,
      signatures: signatures.filter((one) => mayBeIssuedBy(one, key)),
    })),
  };
}
