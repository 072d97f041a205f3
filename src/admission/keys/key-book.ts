/* The certificates a host trusts signatures by, from every source, and what is known of them. */
import type { Certificate } from '../../openpgp/certificate.ts';
import type { IssuerClaim } from '../../openpgp/signature.ts';
import type { KeystoreStanding } from '../../policy/facts.ts';

/** A certificate as the union of what every source ever said of it. */
export interface BookEntry {
  readonly fingerprint: string;
  readonly certificate: Certificate;
  /** Held now by files of this host. */
  readonly local: boolean;
  /** Given by a keystore, and not gone from all of them. */
  readonly remote: boolean;
  /** What the files of this host say by themselves; for where a revocation comes from. */
  readonly localCopy?: Certificate;
  readonly remoteCopy?: Certificate;
  readonly standing: KeystoreStanding;
}

/** Reads are synchronous: they are on the way of every request. */
export interface KeyBook {
  /** Grows by one with every change of any certificate or standing that may change a decision. */
  readonly epoch: number;
  /** Entries whose primary key or a subkey fits one of the claims. */
  candidates(claims: readonly IssuerClaim[]): readonly BookEntry[];
  /** The entry of a primary key. */
  entry(fingerprint: string): BookEntry | undefined;
  /** Every entry, pinned or local, by fingerprint. */
  entries(): readonly BookEntry[];
}
