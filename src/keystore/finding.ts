import type { Term } from './keystore.ts';

/** What a check can find wrong. */
export type FindingKind =
  /** Writes to the newest file could not be read and were left out: at the most what came last is lost. */
  | 'writes-damaged'
  /** A certificate without search terms, or with terms that cannot be read: it cannot be found. */
  | 'facts-missing'
  /** Search terms of a certificate that is not there. */
  | 'facts-orphan'
  /** The certificate is to be found by other terms than it is now. */
  | 'terms-stale'
  /** The certificate cannot be read. */
  | 'unreadable'
  /** A term of a certificate by which it is not found. */
  | 'index-missing'
  /** A term that leads to a certificate that does not carry it, or is not there. */
  | 'index-orphan'
  /** The change log does not hold the newest change of a certificate, or that it was removed. */
  | 'change-missing'
  /** The certificate is not the one its newest change was about: it, or the log, was altered. */
  | 'digest-mismatch'
  /** A newer change of the certificate than the one noted with it. */
  | 'change-unnoted'
  /** A change of a certificate that is not there: the certificate was lost. */
  | 'certificate-lost'
  /** A certificate that is held, or carries a key, of which a tombstone or the log says that it was removed. */
  | 'removed-held'
  /** The log says that the key was removed, and there is no tombstone: it would be taken again. */
  | 'tombstone-lost'
  /** Changes are missing between this one and the one before. */
  | 'change-gap'
  /** The change is older than the one before it. */
  | 'change-order'
  /** A row that is of no known kind. */
  | 'row-unknown'
  /** The number of certificates is noted wrongly. */
  | 'count-wrong'
  /** The end of the change log is noted wrongly. */
  | 'sequence-wrong';

export interface Finding {
  readonly kind: FindingKind;
  readonly fingerprint?: string;
  readonly term?: Term;
  /** Of the change log. */
  readonly sequence?: number;
  /** Anything more there is to say, for people. */
  readonly detail?: string;
  /**
   * `possible` with `repair`; `impossible` where certificates or changes are gone or may be altered: only a
   * backup, or the key's owner sending it again, brings them back.
   */
  readonly repair: 'done' | 'possible' | 'impossible';
}

export interface CheckReport {
  readonly certificates: number;
  readonly indexEntries: number;
  readonly changes: number;
  readonly tombstones: number;
  readonly documents: number;
  /** The first ones, at most `MAX_FINDINGS_KEPT`. */
  readonly findings: readonly Finding[];
  /** How many there were in all. */
  readonly found: number;
  readonly repaired: number;
}
