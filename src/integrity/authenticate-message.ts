/* Clear-signed signatures: whose they are, by openpgp's verdict and the fingerprint in the descriptor. */
import { toHex } from '../bytes/hex.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import type { CleartextMessage } from '../openpgp/cleartext.ts';
import { keyIdOf } from '../openpgp/fingerprint.ts';
import { claimsOf, hasCritical, soleSignature } from '../openpgp/makers.ts';
import { verifyMessage } from '../openpgp/message-verdict.ts';
import type { InvalidReason as MessageFault } from '../openpgp/message-verdict.ts';
import type { IssuerClaim } from '../openpgp/signature.ts';
import type { Descriptor } from '../sif/descriptor.ts';
import { signatureClaimOf } from '../sif/extra.ts';
import type { FoundCertificate, KeySource } from './key-source.ts';
import type { InvalidReason, PgpSigner, SignatureObject } from './report.ts';
import type { RefusedStatement, UnknownStatement } from './statement.ts';

/** Octets of the fingerprint of a primary key, by its version. */
const FINGERPRINT_OCTETS = { four: 20, six: 32 } as const;

/** What to say of a message that is not accepted, for each reason. */
export const MESSAGE_FAULTS: Readonly<
  Record<MessageFault, { readonly reason: InvalidReason; readonly detail: string }>
> = {
  SEVERAL_SIGNATURES: { reason: 'BAD_FORMAT', detail: 'the message has more than one signature' },
  WRONG_TYPE: { reason: 'WRONG_TYPE', detail: 'the signature is not made for a document' },
  HASH_NOT_ALLOWED: {
    reason: 'WEAK_HASH',
    detail: 'the signature uses a hash other than SHA-256, SHA-384 and SHA-512',
  },
  BAD_SIGNATURE: { reason: 'BAD_SIGNATURE', detail: 'the signature does not fit the message and the key' },
  UNKNOWN_CRITICAL: {
    reason: 'UNKNOWN_CRITICAL',
    detail: 'the signature has a critical part that is not known',
  },
  SIGNATURE_FROM_FUTURE: {
    reason: 'SIGNATURE_FROM_FUTURE',
    detail: 'the signature claims to be made in the future',
  },
  SIGNATURE_EXPIRED: { reason: 'SIGNATURE_EXPIRED', detail: 'the signature has expired' },
  KEY_REVOKED: { reason: 'KEY_REVOKED', detail: 'the key of the signature has been revoked' },
  USER_ID_REVOKED: { reason: 'KEY_REVOKED', detail: 'every user ID of the signer has been revoked' },
  KEY_EXPIRED: { reason: 'KEY_EXPIRED', detail: 'the key of the signature has expired' },
  KEY_FROM_FUTURE: { reason: 'KEY_CANNOT_SIGN', detail: 'the key claims to be made in the future' },
  NO_SELF_SIGNATURE: { reason: 'KEY_CANNOT_SIGN', detail: 'no self-signature of the key counts now' },
  NOT_A_SIGNING_KEY: { reason: 'KEY_CANNOT_SIGN', detail: 'the key is not one for signing data' },
};

/** What is wrong with a message whoever made it and whatever the time; undefined when keys may be tried on it. */
export function formFault(
  message: CleartextMessage,
): { readonly reason: InvalidReason; readonly detail: string } | undefined {
  const signature = soleSignature(message);
  if (typeof signature === 'string') return MESSAGE_FAULTS[signature];
  return hasCritical(signature) ? MESSAGE_FAULTS.UNKNOWN_CRITICAL : undefined;
}

/** The fingerprint in the descriptor as far as it can be read: 32 octets for a version 6 signature, else 20. */
export function claimedFingerprint(descriptor: Descriptor, message?: CleartextMessage): string | undefined {
  const six = message?.signatures.some(({ version }) => version === 6) === true;
  const { entity } = signatureClaimOf(descriptor) ?? {};
  const octets = entity?.subarray(0, six ? FINGERPRINT_OCTETS.six : FINGERPRINT_OCTETS.four);
  return octets?.some((octet) => octet !== 0) === true ? toHex(octets) : undefined;
}

/** Who the signature names as its maker, and who the descriptor does. Both only select candidates. */
function signerClaims(message: CleartextMessage, fingerprint: string | undefined): IssuerClaim[] {
  const claims = claimsOf(message);
  if (fingerprint === undefined || claims.some((one) => one.fingerprint === fingerprint)) return claims;
  return [...claims, { fingerprint, keyId: keyIdOf(fingerprint) }];
}

/** A message that is good, by somebody whose key may sign and whom the descriptor names, too. */
export interface AuthenticMessage {
  readonly state: 'authentic';
  readonly about: SignatureObject;
  readonly signer: PgpSigner;
  /** Seconds since 1970, as the signer says. */
  readonly created: number;
}

export async function authenticateMessage(
  about: SignatureObject,
  message: CleartextMessage,
  keys: KeySource | undefined,
  at: number,
): Promise<AuthenticMessage | RefusedStatement | UnknownStatement> {
  const claims = signerClaims(message, about.claimedFingerprint);
  const found = (await keys?.certificates(claims)) ?? [];
  const candidates = found.map(({ certificate }) => certificate);
  const verdict = await verifyMessage(message, candidates, at);
  if (verdict.status === 'unknown signer') return { state: 'unknown', about, claims, keyIds: [] };
  if (verdict.status === 'invalid') {
    const { certificate } = verdict;
    const attributedTo =
      certificate && signerOf(certificate, certificate.primary.key.fingerprint, false, found);
    return {
      state: 'refused',
      about,
      ...MESSAGE_FAULTS[verdict.reason],
      ...(attributedTo && { attributedTo }),
    };
  }
  const weak = verdict.weaknesses.length > 0;
  const signer = signerOf(verdict.certificate, verdict.signingKey, weak, found);
  // The descriptor is covered by no signature. Programs that show it instead of the signer must not be fooled.
  if (about.claimedFingerprint !== signer.fingerprint) {
    const detail = 'the descriptor does not name the fingerprint of the certificate that signed';
    return { state: 'refused', about, reason: 'WRONG_FINGERPRINT', detail, attributedTo: signer };
  }
  return { state: 'authentic', about, signer, created: verdict.created };
}

/** The label is that of the best source that holds the key: copies of a certificate may differ. */
function signerOf(
  certificate: Certificate,
  signingKey: string,
  weak: boolean,
  found: readonly FoundCertificate[],
): PgpSigner {
  const { fingerprint } = certificate.primary.key;
  const copies = found.filter((one) => one.certificate.primary.key.fingerprint === fingerprint);
  const holder = copies.find((one) => holds(one.certificate, signingKey)) ?? copies[0];
  return { kind: 'pgp', certificate, fingerprint, signingKey, label: holder?.label ?? 'REMOTE', weak };
}

function holds({ primary, subkeys }: Certificate, fingerprint: string): boolean {
  return [primary, ...subkeys].some(({ key }) => key.fingerprint === fingerprint);
}
