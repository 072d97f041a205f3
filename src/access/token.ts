/* Tokens: what is kept of them, which is never the token itself. */

/** What the bearer of a token may do. */
export type TokenRole = 'push' | 'admin';

/** Which certificates a token may push in the mode `owner`; one of the lists has to fit. */
export interface OwnerRules {
  /** Upper-case hexadecimal, primary keys. */
  readonly fingerprints: readonly string[];
  /** Folded addresses: every user ID with an address has one of these, or one in `domains`. */
  readonly emails: readonly string[];
  /** Folded domains, without `@`; a subdomain is another domain. */
  readonly domains: readonly string[];
}

/** A token as it is kept: a document of kind `token`, its ID the public half of the token. */
export interface TokenRecord {
  /** What the owner is shown: `vouch_<id>_<secret>`; the ID alone is worth nothing. */
  readonly id: string;
  readonly name: string;
  readonly role: TokenRole;
  /** SHA-256 of the secret, hexadecimal: it has 256 bits of its own, so no slow hash is needed. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly expires?: number;
  readonly revoked?: number;
  readonly lastUsed?: number;
  readonly rules: OwnerRules;
}
