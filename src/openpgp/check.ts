/*
 * From packets that anybody may have put together to a certificate whose every part its owner has signed.
 * Runs when something is uploaded, never when something is looked up.
 */
import { findBackSignature, needsBackSignature, reduceBackSignature } from './back-signature.ts';
import { canonicalOrder, packetsOf } from './certificate.ts';
import type { Certificate, KeyComponent, UserIdComponent } from './certificate.ts';
import { filterAsync, sortSignatures, type Sorted } from './check-signatures.ts';
import { OpenPgpError } from './error.ts';
import { joinPackets, reduceSignature } from './framing.ts';
import type { LeftOut } from './left-out.ts';
import type { CheckLimits } from './limits.ts';
import { unite, uniteSignatures, bodyIdentity } from './merge.ts';
import type { PacketGroup, SignedPacket } from './packet-group.ts';
import type { Packet } from './packet.ts';
import { keyVersion, readPublicKey, type PublicKey } from './public-key.ts';
import { judgeRevocations } from './revoker.ts';
import * as types from './signature.ts';
import type { Signature } from './signature.ts';
import { keySubject, subkeySubject, userIdSubject } from './subject.ts';
import { EMBEDDED_SIGNATURE } from './subpacket.ts';
import { Tally } from './tally.ts';
import { keepThirdParty } from './third-party.ts';
import type { FindKeys, ThirdPartyMode } from './third-party.ts';
import type { VerificationBudget } from './verification-budget.ts';
import type { Verifier } from './verifier.ts';

export interface CheckOptions {
  readonly limits: CheckLimits;
  readonly thirdParty: ThirdPartyMode;
  readonly findKeys: FindKeys;
  /** Who judges the signatures: `verifySignature` when the certificate is to count for an image. */
  readonly verify: Verifier;
  /** Of the upload that the certificate is a part of. Absent: what is checked is the host's own. */
  readonly budget?: VerificationBudget;
}

export interface CheckedCertificate {
  readonly certificate: Certificate;
  readonly leftOut: readonly LeftOut[];
  /**
   * Fingerprints of revokers that its owner named: revocations by them were left out, as their keys are not found. With
   * their keys the certificate may turn out to be revoked.
   */
  readonly awaited: readonly string[];
  /** These revocations. */
  readonly unjudged: readonly Signature[];
}

/**
 * Verifies every signature of a certificate and drops what has none that is valid. Throws an `OpenPgpError`
 * when nothing may be kept: `UNSUPPORTED_KEY`, `BAD_CERTIFICATE`, `NOTHING_VALID`, `CERTIFICATE_TOO_LARGE`.
 */
export async function checkCertificate(
  group: PacketGroup,
  options: CheckOptions,
): Promise<CheckedCertificate> {
  const check = new Check(readPrimary(group.primary, options.limits), options);
  const certificate = canonicalOrder(await check.run(group));
  enforceSigned(certificate);
  enforceSize(certificate, options.limits);
  return { certificate, leftOut: check.tally.entries, awaited: check.awaited, unjudged: check.unjudged };
}

/** Throws `CERTIFICATE_TOO_LARGE` naming the limit that a certificate, as it would be stored, is over. */
export function enforceSize(certificate: Certificate, limits: CheckLimits): void {
  const { userIds, subkeys } = certificate;
  let octets = 0;
  for (const { raw } of packetsOf(certificate)) octets += raw.length;
  const over = (what: string, most: number): OpenPgpError =>
    new OpenPgpError(
      'CERTIFICATE_TOO_LARGE',
      `more than ${most} ${what}; this server takes no larger certificate`,
    );
  if (userIds.length > limits.userIds) throw over('user IDs', limits.userIds);
  if (subkeys.length > limits.subkeys) throw over('subkeys', limits.subkeys);
  if (octets > limits.certificateOctets) throw over('octets', limits.certificateOctets);
}

/** Throws `UNSUPPORTED_KEY`, `CERTIFICATE_TOO_LARGE` and `BAD_CERTIFICATE`. */
export function readPrimary(packet: Packet, limits: CheckLimits): PublicKey {
  const version = keyVersion(packet);
  if (version !== 4 && version !== 6) {
    throw new OpenPgpError('UNSUPPORTED_KEY', `a version ${version} key; this server keeps version 4 and 6`);
  }
  if (packet.body.length > limits.keyOctets) {
    throw new OpenPgpError('CERTIFICATE_TOO_LARGE', `a primary key of more than ${limits.keyOctets} octets`);
  }
  return readPublicKey(packet);
}

/** Throws `NOTHING_VALID` for a bare key: user IDs and subkeys that nobody signed are none of a certificate. */
export function enforceSigned({ primary, userIds, subkeys }: Certificate): void {
  const signed = [primary, ...userIds, ...subkeys].some(({ signatures }) => signatures.length > 0);
  if (signed) return;
  throw new OpenPgpError(
    'NOTHING_VALID',
    "no valid self-signature: nothing shows that the key's owner made this certificate",
  );
}

/** One certificate being checked. */
class Check {
  readonly tally = new Tally();
  awaited: readonly string[] = [];
  unjudged: readonly Signature[] = [];
  readonly #primary: PublicKey;
  readonly #options: CheckOptions;
  #selfSignatures = 0;

  constructor(primary: PublicKey, options: CheckOptions) {
    this.#primary = primary;
    this.#options = options;
  }

  async run(group: PacketGroup): Promise<Certificate> {
    this.tally.add('user attribute', 'not kept by this server', group.userAttributes.length);
    const { direct, userIds, subkeys } = regroup(group);
    const checkedIds = await this.#eachOf(unite(userIds, bodyIdentity, joinSigned), (one) =>
      this.#userId(one),
    );
    const checkedKeys = await this.#eachOf(unite(subkeys, bodyIdentity, joinSigned), (one) =>
      this.#subkey(one),
    );
    const own = checkedIds
      .flatMap(({ signatures }) => signatures)
      .filter((one) => types.mayBeIssuedBy(one, this.#primary));
    return { primary: await this.#direct(direct, own), userIds: checkedIds, subkeys: checkedKeys };
  }

  async #eachOf<T>(
    all: readonly SignedPacket[],
    check: (one: SignedPacket) => Promise<T | undefined>,
  ): Promise<T[]> {
    const kept: T[] = [];
    for (const one of all) {
      const checked = await check(one);
      if (checked !== undefined) kept.push(checked);
    }
    return kept;
  }

  async #direct(packets: readonly Packet[], ownOnUserIds: readonly Signature[]): Promise<KeyComponent> {
    const key = this.#primary;
    const { own, others } = this.#sort(packets);
    const signatures = await this.#verified(
      own,
      keySubject(key),
      new Set([types.DIRECT_KEY, types.KEY_REVOCATION]),
    );
    const revocable = { key, own: [...signatures, ...ownOnUserIds] };
    const judged = await judgeRevocations(others, revocable, { ...this.#options, tally: this.tally });
    this.awaited = judged.missing;
    this.unjudged = judged.unjudged;
    return { key, signatures: [...signatures, ...judged.valid] };
  }

  async #userId({ packet, signatures }: SignedPacket): Promise<UserIdComponent | undefined> {
    const { userIdOctets } = this.#options.limits;
    if (packet.body.length === 0 || packet.body.length > userIdOctets) {
      this.tally.add('user ID', packet.body.length === 0 ? 'empty' : `longer than ${userIdOctets} octets`);
      return undefined;
    }
    const { own, others } = this.#sort(signatures);
    const subject = userIdSubject(this.#primary, packet);
    const verified = await this.#verified(own, subject, ON_USER_ID);
    if (!verified.some(({ type }) => type !== types.ATTESTATION)) {
      this.tally.add('user ID', 'no valid self-signature');
      return undefined;
    }
    const { thirdParty: mode } = this.#options;
    const kept = await keepThirdParty(others, { ...this.#options, mode, own: verified, subject });
    this.tally.add('third-party certification', THIRD_PARTY_REASON[mode], others.length - kept.length);
    return { packet, signatures: [...verified, ...kept] };
  }

  async #subkey({ packet, signatures }: SignedPacket): Promise<KeyComponent | undefined> {
    const key = this.#readSubkey(packet);
    if (key === undefined) return undefined;
    const { own, others } = this.#sort(signatures);
    const subject = subkeySubject(this.#primary, key);
    const verified = await this.#verified(
      own,
      subject,
      new Set([types.SUBKEY_BINDING, types.SUBKEY_REVOCATION]),
    );
    const bound: Signature[] = [];
    for (const one of verified) {
      const kept =
        one.type === types.SUBKEY_BINDING ? await this.#withBackSignature(one, key) : withoutEmbedded(one);
      if (kept !== undefined) bound.push(kept);
    }
    this.tally.add('signature by another key', "only the owner's own are kept", others.length);
    if (bound.length === 0) {
      this.tally.add('subkey', 'not bound to the primary key by a valid signature');
      return undefined;
    }
    return { key, signatures: uniteSignatures(bound) };
  }

  #readSubkey(packet: Packet): PublicKey | undefined {
    if (packet.body.length > this.#options.limits.keyOctets) {
      this.tally.add('subkey', `larger than ${this.#options.limits.keyOctets} octets`);
      return undefined;
    }
    try {
      const key = readPublicKey(packet);
      // RFC 9580 §10.1.1: version 6 primaries have version 6 subkeys, and no others have them.
      if ((key.version === 6) === (this.#primary.version === 6)) return key;
      this.tally.add(
        'subkey',
        `of version ${key.version} under a primary key of version ${this.#primary.version}`,
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof OpenPgpError)) throw error;
      this.tally.add('subkey', error.code === 'UNSUPPORTED_KEY' ? error.message : 'cannot be read');
      return undefined;
    }
  }

  async #withBackSignature(binding: Signature, subkey: PublicKey): Promise<Signature | undefined> {
    if (!needsBackSignature(binding, subkey)) return withoutEmbedded(binding);
    const found = await findBackSignature(binding, this.#primary, subkey, this.#options.verify);
    if (found === undefined) {
      this.tally.add('subkey binding', 'lacks the valid back-signature that a signing subkey needs');
      return undefined;
    }
    return reduceSignature(binding, (one) => {
      if (one.type !== EMBEDDED_SIGNATURE) return one;
      return one === found ? reduceBackSignature(one, subkey) : undefined;
    });
  }

  #sort(packets: readonly Packet[]): Sorted {
    return sortSignatures(packets, {
      primary: this.#primary,
      limits: this.#options.limits,
      tally: this.tally,
    });
  }

  async #verified(
    own: readonly Signature[],
    subject: Uint8Array,
    allowed: ReadonlySet<number>,
  ): Promise<Signature[]> {
    this.#selfSignatures += own.length;
    const { selfSignatures } = this.#options.limits;
    if (this.#selfSignatures > selfSignatures) {
      throw new OpenPgpError('CERTIFICATE_TOO_LARGE', `more than ${selfSignatures} self-signatures`);
    }
    const fitting = own.filter(({ type }) => allowed.has(type));
    const { budget, verify } = this.#options;
    budget?.spend(fitting.length);
    const verified = await filterAsync(fitting, (one) => verify(one, this.#primary, subject));
    this.tally.add('signature', 'of a type that has no place there', own.length - fitting.length);
    this.tally.add('self-signature', 'does not verify', fitting.length - verified.length);
    return verified;
  }
}

const ON_USER_ID: ReadonlySet<number> = new Set([
  ...types.CERTIFICATIONS,
  types.ATTESTATION,
  types.CERTIFICATION_REVOCATION,
]);

const THIRD_PARTY_REASON: Readonly<Record<ThirdPartyMode, string>> = {
  strip: "this server keeps only the owner's own",
  keep: 'not a certification',
  attested: 'not attested by the owner',
  'same-store': 'not made by a key that this server holds',
};

function withoutEmbedded(signature: Signature): Signature {
  return reduceSignature(signature, (one) => (one.type === EMBEDDED_SIGNATURE ? undefined : one));
}

function joinSigned(a: SignedPacket, b: SignedPacket): SignedPacket {
  return { packet: joinPackets(a.packet, b.packet), signatures: [...a.signatures, ...b.signatures] };
}

/** Signatures on the primary key stand anywhere in what older software writes; they say so by their type. */
function regroup(group: PacketGroup): Pick<PacketGroup, 'direct' | 'userIds' | 'subkeys'> {
  const onKey = (packet: Packet): boolean =>
    KEY_SIGNATURES.has(packet.body[1] ?? 0) && (packet.body[0] ?? 0) >= 4;
  const rest = ({ packet, signatures }: SignedPacket): SignedPacket => ({
    packet,
    signatures: signatures.filter((one) => !onKey(one)),
  });
  const elsewhere = [...group.userIds, ...group.userAttributes, ...group.subkeys];
  return {
    direct: [...group.direct, ...elsewhere.flatMap(({ signatures }) => signatures.filter(onKey))],
    userIds: group.userIds.map(rest),
    subkeys: group.subkeys.map(rest),
  };
}

const KEY_SIGNATURES: ReadonlySet<number> = new Set([types.DIRECT_KEY, types.KEY_REVOCATION]);
