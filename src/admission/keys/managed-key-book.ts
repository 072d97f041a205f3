/* The key book as the daemon keeps it: what feeds it, and what can be asked of it beside keys. */
import type { Certificate } from '../../openpgp/certificate.ts';
import type { KeystoreStanding } from '../../policy/facts.ts';
import type { ChangesAnswer } from '../../hkp/client/changes-answer.ts';
import type { KeyBook } from './key-book.ts';

/** What the book asks of a keystore; `HkpClient` is one. All throw an `HkpClientError`. */
export interface KeystoreClient {
  /** As it was configured: its name in records, events and messages. */
  readonly name: string;
  /** None when the keystore has none. */
  get(fingerprint: string): Promise<readonly Certificate[]>;
  /** Undefined when the keystore has no change log. */
  changes(since: number, limit?: number): Promise<ChangesAnswer | undefined>;
  /** SHA-256 in hexadecimal of what it holds of these, by fingerprint. Undefined when the keystore tells none. */
  digests(fingerprints: readonly string[]): Promise<ReadonlyMap<string, string> | undefined>;
}

/** Files of this host with certificates. */
export interface LocalSources {
  /** Folders of `.asc`, `.pgp` and `.gpg` files, or those that Singularity and Apptainer keep keys in. */
  readonly folders: readonly string[];
  /** Keyring files, such as `global-pgp-public`. One that is not there holds no keys. */
  readonly rings: readonly string[];
}

export interface RefreshOptions {
  /** Only these; they need not be due. Keys that no policy names are passed over. */
  readonly fingerprints?: readonly string[];
  /** Every key, due or not, and from the keystores themselves whatever their change logs say. */
  readonly force?: boolean;
}

export interface RefreshReport {
  /** Questions put to keystores. */
  readonly asked: number;
  /** Fingerprints of primary keys of which something is known now that was not before. */
  readonly changed: readonly string[];
  readonly failed: readonly RefreshFailure[];
}

export interface RefreshFailure {
  /** Its name. */
  readonly keystore: string;
  /** Absent when the keystore as a whole failed. */
  readonly fingerprint?: string;
  readonly message: string;
}

export interface LocalReport {
  /** Certificates in the files of this host. */
  readonly certificates: number;
  readonly changed: readonly string[];
  /** What could not be used. Also in the log, once. */
  readonly problems: readonly LocalProblem[];
}

export interface LocalProblem {
  readonly path: string;
  readonly reason: string;
}

/** One key of the policy or of this host, for people. Times in seconds since 1970. */
export interface KeyStatus {
  readonly fingerprint: string;
  readonly pinned: boolean;
  /** Hostile text. */
  readonly userId?: string;
  readonly local: boolean;
  readonly remote: boolean;
  readonly state: 'good' | 'missing' | 'cannot-sign' | 'expired' | 'revoked-hard' | 'revoked-soft';
  readonly expires?: number;
  readonly revocation?: { readonly hard: boolean; readonly at: number; readonly text: string };
  readonly standing: KeystoreStanding;
  /** When a keystore was last asked about it, whatever came of that. */
  readonly lastAttempt?: number;
  /** When something was last learnt of it. */
  readonly lastChanged?: number;
  /** When a keystore is asked next. */
  readonly nextDue?: number;
}

export interface KeystoreStatus {
  readonly name: string;
  readonly up: boolean;
  /** What it said, or what came of asking, when it is not up. */
  readonly problem?: string;
  /** It has a change log: one question is enough for all keys. Undefined: not known yet. */
  readonly changeLog?: boolean;
  readonly lastSuccess?: number;
  /** Not asked before, unless forced. */
  readonly nextTry?: number;
}

export interface KeyBookStatus {
  readonly epoch: number;
  readonly keys: readonly KeyStatus[];
  readonly keystores: readonly KeystoreStatus[];
}

export interface ManagedKeyBook extends KeyBook {
  /** The primary keys that the policy names: they alone are asked for at keystores. */
  pin(fingerprints: readonly string[]): Promise<void>;
  /** Reads the files of this host again, those that changed. */
  reloadLocal(): Promise<LocalReport>;
  /** Asks the keystores about keys that are due. One at a time: a call meanwhile joins, or waits if it wants more. */
  refresh(options?: RefreshOptions): Promise<RefreshReport>;
  /** As of `at`, seconds since 1970. */
  status(at: number): KeyBookStatus;
  /** Waits for a refresh under way. The database stays open: it is not the book's. */
  close(): Promise<void>;
}
