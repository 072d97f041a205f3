/** Bounds on the work and memory of one call. */

/** Terms in one search. A user ID of 1,024 octets can hold more words, but ten already single it out. */
export const MAX_TERMS_PER_SEARCH = 32;

/**
 * Certificates looked at for one page of a search with several terms. Reading and testing that many takes
 * about a quarter of a second, most of it off the main thread.
 */
export const MAX_POSTINGS_PER_PAGE = 20_000;

/** Postings read of each term to tell which is the rarest. */
export const RARITY_SAMPLE = 64;

/** Postings tested against the other terms at a time. */
export const POSTINGS_PER_READ = 512;

/** Rows that are read together for several updates: a certificate has up to 128 KiB. */
export const KEYS_PER_READ = 384;

/** Octets of certificates that go into one batch, so that a waiting crowd does not become one huge write. */
export const MAX_BATCH_OCTETS: number = 4 * 1024 * 1024;

/** Octets read ahead by an iteration over records; LevelDB's binding stops a read when it has so many. */
export const SCAN_OCTETS: number = 256 * 1024;

/**
 * LevelDB's write buffer, of which two may be in memory. Four times its default takes a quarter off the
 * processor time of an update; reading back so much log after a crash takes about 0.1 s.
 */
export const WRITE_BUFFER_OCTETS: number = 16 * 1024 * 1024;

/** Rows of a check handled at a time. */
export const ROWS_PER_CHECK_STEP = 512;

/** Findings a check keeps for its report; all are counted. */
export const MAX_FINDINGS_KEPT = 1000;

/** Octets of the reason in a tombstone: a sentence or two for the operator, and no place to keep other things. */
export const MAX_REASON_OCTETS = 1024;

/** Octets of the kind of a document, a word chosen by a part of the server: less than one octet counts. */
export const MAX_DOCUMENT_KIND_OCTETS = 64;

/** Octets of the ID of a document: an address has at most 254, a fingerprint 64, the URL of a peer some more. */
export const MAX_DOCUMENT_ID_OCTETS = 1024;

/** Octets of a document's JSON: what is larger belongs into a file. Read whole at every use. */
export const MAX_DOCUMENT_OCTETS: number = 256 * 1024;
