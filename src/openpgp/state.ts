/** What a certificate says of itself at a point in time. All times are seconds since 1970, UTC. */
export interface CertificateState {
  readonly version: 4 | 6;
  readonly fingerprint: string;
  readonly keyId: string;
  readonly algorithm: KeyAlgorithm;
  readonly created: number;
  /** Absent: never. */
  readonly expires?: number;
  readonly expired: boolean;
  readonly revoked: boolean;
  readonly revocation?: Revocation;
  /** The primary user ID first, then valid before revoked, newer before older. */
  readonly userIds: readonly UserIdState[];
  readonly subkeys: readonly SubkeyState[];
}

export interface KeyAlgorithm {
  /** Public-key algorithm ID (RFC 9580 §9.1). */
  readonly number: number;
  /** As people write it: `RSA`, `EdDSA`, `Ed25519`, `ECDSA`, …; `Unknown` for others. */
  readonly name: string;
  /** Modulus or curve size in bits, never 0. */
  readonly bits: number;
  /** Curve name for elliptic curves (`ed25519`, `nistp256`, …). */
  readonly curve?: string;
}

export interface Revocation {
  readonly at: number;
  /** Hard: the key must not be trusted for any time (RFC 9580 §5.2.3.31). */
  readonly hard: boolean;
  /** Reason code, 0 when none was given. */
  readonly code: number;
  /** The reason in words, UTF-8 as written by the key's owner: hostile text. */
  readonly text: string;
}

export interface UserIdState {
  /** The octets of the user ID packet. */
  readonly bytes: Uint8Array;
  /** Decoded as UTF-8, malformed octets as U+FFFD: hostile text. */
  readonly text: string;
  /** The one e-mail address in it, not folded; absent when there is none or more than one. */
  readonly email?: string;
  readonly primary: boolean;
  /** Creation time of the newest self-signature. */
  readonly created: number;
  readonly expires?: number;
  readonly expired: boolean;
  readonly revoked: boolean;
}

export interface SubkeyState {
  readonly version: number;
  readonly fingerprint: string;
  readonly keyId: string;
  readonly algorithm: KeyAlgorithm;
  readonly created: number;
  readonly expires?: number;
  readonly expired: boolean;
  readonly revoked: boolean;
  /** Key flags of the newest binding (RFC 9580 §5.2.3.29), 0 when absent. */
  readonly flags: number;
}
