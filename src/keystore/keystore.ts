/**
 * The contract of a store of certificates. A store knows bytes, search terms and a change log; it never
 * looks into a certificate. `test/keystore/contract.ts` checks each sentence written here.
 */

/**
 * What a term means. `fingerprint`, `keyid` and `short` hold upper-case hexadecimal digits (40 or 64, 16,
 * 8) of the primary key and of every subkey; `digest` the 32 lower-case digits of the SKS digest; `email`,
 * `userid` and `word` text that the caller has folded (the store compares bytes).
 */
export type TermKind = 'fingerprint' | 'keyid' | 'short' | 'digest' | 'email' | 'userid' | 'word';

export interface Term {
  readonly kind: TermKind;
  readonly value: string;
}

/** One certificate as it is stored. */
export interface CertificateRecord {
  /** Of the primary key: 40 or 64 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The transferable public key in binary, its packets in canonical order. */
  readonly bytes: Uint8Array;
  /**
   * Everything the certificate can be found by; order and duplicates carry no meaning. Two values are the
   * same when their UTF-8 is.
   */
  readonly terms: readonly Term[];
}

/** A certificate as it is handed over to be stored. */
export interface NewRecord extends Omit<CertificateRecord, 'terms'> {
  /** Or what `joinedTerms` makes of them, where that was done in another thread: not to be changed afterwards. */
  readonly terms: readonly Term[] | Buffer;
}

/** `removed`: nothing is held any more, and a tombstone says that nothing is to be. */
export type ChangeKind = 'inserted' | 'updated' | 'removed' | 'unblocked';

/** One line of the change log. */
export interface Change {
  /** 1, 2, 3, …, without gaps. */
  readonly sequence: number;
  /** Milliseconds since 1970; never less than that of the change before. */
  readonly time: number;
  readonly fingerprint: string;
  readonly kind: ChangeKind;
  /** SHA-256 of the certificate's new bytes, lower-case hexadecimal; absent when there are none. */
  readonly digest?: string;
}

/** Stands where a certificate is not to be: nothing is held under this fingerprint, and nothing is taken. */
export interface Tombstone {
  /** Of a primary key or a subkey. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly by: 'operator' | 'owner';
  /** For the operator; never given out. */
  readonly reason: string;
}

/** A small JSON value that parts of the server keep beside certificates: tokens, states of jobs, cursors of peers. */
export interface Document {
  readonly kind: string;
  readonly id: string;
  readonly value: unknown;
  /** Grows by one with every write of it. */
  readonly version: number;
}

/** Everything of a store as of one moment, for a backup. */
export type StoreItem =
  | { readonly type: 'certificate'; readonly record: CertificateRecord }
  | { readonly type: 'tombstone'; readonly tombstone: Tombstone }
  | { readonly type: 'document'; readonly document: Document }
  | { readonly type: 'change'; readonly change: Change };

/** Given what is held (undefined: nothing), says what is to be held. Must be pure: it may be called again. */
export type Merge = (held: CertificateRecord | undefined) => NewRecord | undefined;

export interface Update {
  /**
   * `unchanged` when the merge returned nothing, or a record equal to what was held; `blocked` when there is a
   * tombstone of this fingerprint: the merge was not asked.
   */
  readonly outcome: 'inserted' | 'updated' | 'unchanged' | 'blocked';
  /** What is held now; undefined only when nothing was held and the merge returned nothing. */
  readonly record: CertificateRecord | undefined;
}

/** A certificate that a write has changed, put in or taken out. */
export interface Touched {
  /** Of its primary key. */
  readonly fingerprint: string;
  /** All that it was found by before, and all that it is found by now; a term of both may be there twice. */
  readonly terms: readonly Term[];
}

/** Must not throw. */
export type Watcher = (touched: Touched) => void;

/** One page of an answer. */
export interface PageRequest {
  /** How many at the most; at least 1. */
  readonly limit: number;
  /** The `next` of the page before; absent for the first page. */
  readonly after?: string;
}

export interface Page {
  /** Fingerprints of certificates, in ascending order, each once. */
  readonly fingerprints: readonly string[];
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

export interface KeystoreStatus {
  readonly certificates: number;
  /** Sequence of the newest change, 0 in an empty store. */
  readonly sequence: number;
}

export interface Keystore {
  /** The record of a primary key's fingerprint, or undefined. Safe to call at any time. */
  get(fingerprint: string): Promise<CertificateRecord | undefined>;

  /** Only the certificate of that record: the short way for a lookup. */
  bytes(fingerprint: string): Promise<Uint8Array | undefined>;

  /**
   * Certificates that carry all the terms. Order is by fingerprint, so a certificate held throughout is on
   * exactly one page, whatever is written between pages; every page but the last is full. A page token not
   * made by this method for these terms throws `BAD_PAGE_TOKEN`; no terms, too many, or a limit below 1
   * throw `BAD_QUERY`. The work for one page is bounded: a search for several terms each of which is very
   * common may throw `TOO_BROAD`.
   */
  find(terms: readonly Term[], page: PageRequest): Promise<Page>;

  /**
   * Runs `merge` on what is held and stores what it returns, atomically with its search terms and one
   * change-log entry. Updates of one fingerprint run one after another; when the promise resolves the new
   * state is durable (it survives the loss of the process and of power), and when it rejects nothing of it
   * can be seen. `merge` returning another fingerprint than the one named, and a name that is no
   * fingerprint, throw `WRONG_FINGERPRINT`; what `merge` throws is passed on. After `WRITE_FAILED` the
   * change may turn out to be stored once the store is opened again, after `UNAVAILABLE` once it answers again:
   * repeating it does no harm.
   */
  update(fingerprint: string, merge: Merge): Promise<Update>;

  /**
   * Takes what is held under the fingerprint out, with its terms, and puts the tombstone in its place, in one
   * durable batch with a change `removed`. Answers whether a certificate was held. A tombstone that is there
   * already is replaced, without a change.
   */
  remove(tombstone: Tombstone): Promise<boolean>;

  /** Takes the tombstone away, with a change `unblocked`. Answers whether there was one. */
  unblock(fingerprint: string): Promise<boolean>;

  /** The tombstones among these fingerprints: fast, as it is asked for every upload. */
  tombstones(fingerprints: readonly string[]): Promise<readonly Tombstone[]>;

  /** Every tombstone, by fingerprint. */
  allTombstones(): AsyncIterable<Tombstone>;

  /** A document, or undefined. */
  document(kind: string, id: string): Promise<Document | undefined>;

  /** Every document of a kind, by ID. */
  documents(kind: string): AsyncIterable<Document>;

  /**
   * Writes a document when its version is still `expected` (0: it must not be there), durably; `undefined` as
   * value deletes it. Answers whether it did.
   */
  putDocument(kind: string, id: string, value: unknown, expected: number): Promise<boolean>;

  /** All items as of the first step of the iteration: certificates, tombstones, documents, changes. */
  items(): AsyncIterable<StoreItem>;

  /** Changes with a sequence greater than `since` (a whole number), oldest first, as of the first step. */
  changes(since: number): AsyncIterable<Change>;

  /** Sequence of the last change before `time` (milliseconds since 1970), 0 if there is none. */
  sequenceBefore(time: number): Promise<number>;

  /** Every record, by ascending fingerprint, as of the first step of the iteration. */
  records(): AsyncIterable<CertificateRecord>;

  /**
   * From now on the watcher is told of each certificate that `update` or `remove` changed, when the change can be seen
   * and before their promise resolves: whoever keeps answers in memory drops those that were found by these terms.
   * Only a store that no other process changes has this method; of any other nothing may be kept.
   */
  watch?(watcher: Watcher): void;

  status(): Promise<KeystoreStatus>;

  /**
   * Resolves when the store answers and takes updates. Throws what an update would: `CLOSED`, `WRITE_FAILED`,
   * `UNAVAILABLE`.
   */
  ready(): Promise<void>;

  /** Waits for updates under way, then closes. Later calls throw `CLOSED`. */
  close(): Promise<void>;
}
