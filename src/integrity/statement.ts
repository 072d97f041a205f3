/* What one signature object amounts to on its own, before the image is compared with it. */
import type { IssuerClaim } from '../openpgp/signature.ts';
import { readMetadata } from './metadata.ts';
import type { ImageMetadata } from './metadata.ts';
import type { InvalidReason, SignatureObject, Signer } from './report.ts';

export type Statement = SignedStatement | RefusedStatement | UnknownStatement;

/** The signature is good, by a key that may sign. Whether the image is as it says is open. */
export interface SignedStatement {
  readonly state: 'signed';
  readonly about: SignatureObject;
  readonly metadata: ImageMetadata;
  readonly signer: Signer;
  /** Seconds since 1970, as the signer says. */
  readonly created?: number;
}

export interface RefusedStatement {
  readonly state: 'refused';
  readonly about: SignatureObject;
  readonly reason: InvalidReason;
  readonly detail: string;
  readonly attributedTo?: Signer;
}

export interface UnknownStatement {
  readonly state: 'unknown';
  readonly about: SignatureObject;
  readonly claims: readonly IssuerClaim[];
  readonly keyIds: readonly string[];
}

/** What a signer whose signature is good has said. */
export function readStatement(
  about: SignatureObject,
  text: string,
  signer: Signer,
  created?: number,
): SignedStatement | RefusedStatement {
  const metadata = readMetadata(text);
  if (typeof metadata !== 'string') {
    return { state: 'signed', about, metadata, signer, ...(created !== undefined && { created }) };
  }
  return { state: 'refused', about, ...badMetadata(metadata), attributedTo: signer };
}

/** `problem` as `readMetadata` tells it. */
export function badMetadata(problem: string): { readonly reason: 'BAD_METADATA'; readonly detail: string } {
  return { reason: 'BAD_METADATA', detail: `what is signed does not describe an image: ${problem}` };
}
