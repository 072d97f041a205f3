/**
 * A piece of a dump. `offset` and `end` are in octets of the keyring, which for armored files are the
 * decoded ones; a load can begin again at any `end`.
 */
export type DumpPiece = DumpedCertificate | UnreadablePiece;

/** A primary key with the packets up to the next one, or packets that come before the first. */
export interface DumpedCertificate {
  readonly kind: 'certificate';
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly end: number;
}

/** Octets that were passed over. */
export interface UnreadablePiece {
  readonly kind: 'unreadable';
  readonly code: 'BAD_PACKET' | 'CERTIFICATE_TOO_LARGE' | 'BAD_ARMOR';
  readonly reason: string;
  readonly offset: number;
  readonly end: number;
}
