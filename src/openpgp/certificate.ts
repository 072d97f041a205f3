import type { Packet } from './packet.ts';
import type { PublicKey } from './public-key.ts';
import type { Signature } from './signature.ts';

/** A primary key or subkey with the signatures that directly concern it. */
export interface KeyComponent {
  readonly key: PublicKey;
  /** On the primary: direct-key and key revocation signatures. On a subkey: bindings and revocations. */
  readonly signatures: readonly Signature[];
}

export interface UserIdComponent {
  readonly packet: Packet;
  /** Certifications and certification revocations. */
  readonly signatures: readonly Signature[];
}

/**
 * A transferable public key (RFC 9580 §10.1) as packets, in the order they came. Certificates that come out
 * of `checkCertificate`, `mergeCertificates` or `parseCertificate` are in canonical order and hold verified
 * parts only.
 */
export interface Certificate {
  readonly primary: KeyComponent;
  readonly userIds: readonly UserIdComponent[];
  readonly subkeys: readonly KeyComponent[];
}
