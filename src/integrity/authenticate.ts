import type { Descriptor } from '../sif/descriptor.ts';
import { signatureClaimOf } from '../sif/extra.ts';
import { authenticateEnvelope } from './authenticate-envelope.ts';
import { authenticateMessage, claimedFingerprint } from './authenticate-message.ts';
import type { DsseHash } from './dsse.ts';
import type { EnvelopeVerifier } from './envelope-verifier.ts';
import type { KeySource } from './key-source.ts';
import type { SignatureContent } from './signature-content.ts';
import { readStatement } from './statement.ts';
import type { Statement } from './statement.ts';

/** Whose signatures are accepted, and when. */
export interface Trust {
  /** Certificates for clear-signed signatures; without it all their signers are unknown. */
  readonly keys?: KeySource;
  /** Keys for DSSE signatures; without them all their signers are unknown. */
  readonly verifiers?: readonly EnvelopeVerifier[];
  /** Seconds since 1970: keys and certificates must be good then, whatever time a signature claims. */
  readonly at: number;
}

/** Hash types of descriptors (sif v2 HashType) that signatures are made with; 4 and 5 are BLAKE2. */
const HASH_TYPES: Readonly<Record<number, DsseHash>> = { 1: 'sha256', 2: 'sha384', 3: 'sha512' };

export const BAD_HASH_TYPE = {
  reason: 'BAD_HASH_TYPE',
  detail: 'the descriptor of the signature names a hash other than SHA-256, SHA-384 and SHA-512',
} as const;

/** The hash that the descriptor of a signature names; undefined when none is made with it. */
export function hashOf(descriptor: Descriptor): DsseHash | undefined {
  return HASH_TYPES[signatureClaimOf(descriptor)?.hash ?? 0];
}

/**
 * Who made a signature, and what it says. Everything depends on the signature object and the keys only, so
 * it is found out once for all tasks, and before anything else of the image is read.
 */
export async function authenticate(
  descriptor: Descriptor,
  content: Exclude<SignatureContent, { kind: 'legacy' }>,
  { keys, verifiers = [], at }: Trust,
): Promise<Statement> {
  const fingerprint = claimedFingerprint(descriptor, content.kind === 'pgp' ? content.message : undefined);
  const about = {
    signatureId: descriptor.id,
    format: content.kind === 'bad' ? content.format : content.kind,
    ...(fingerprint !== undefined && { claimedFingerprint: fingerprint }),
  };
  if (content.kind === 'bad') {
    return { state: 'refused', about, reason: 'BAD_FORMAT', detail: content.detail };
  }
  const hash = hashOf(descriptor);
  if (hash === undefined) return { state: 'refused', about, ...BAD_HASH_TYPE };
  if (content.kind === 'dsse') return authenticateEnvelope(about, content.envelope, hash, verifiers);
  const made = await authenticateMessage(about, content.message, keys, at);
  return made.state === 'authentic'
    ? readStatement(about, content.message.text, made.signer, made.created)
    : made;
}
