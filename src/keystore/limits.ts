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
export const UPDATE_READS = { keys: 384, reads: 1 };

/** Of several lookups together, where a read is a journey: one that is slow holds up only half of them. */
export const LOOKUP_READS = { keys: 64, reads: 2 };

/** Octets of certificates that go into one batch, so that a waiting crowd does not become one huge write. */
export const MAX_BATCH_OCTETS: number = 4 * 1024 * 1024;

/** Octets read ahead by an iteration over records; LevelDB's binding stops a read when it has so many. */
export const SCAN_OCTETS: number = 256 * 1024;

/**
 * LevelDB's write buffer, of which two may be in memory. Four times its default takes a quarter off the
 * processor time of an update; reading back so much log after a crash takes about 0.1 s.
 */
export const WRITE_BUFFER_OCTETS: number = 16 * 1024 * 1024;

/**
 * Octets of a table of LevelDB, eight times its default. It keeps some 990 tables open, and a read in another opens it
 * first: of a million certificates of 2.3 kB in 1,050 small tables, a read took twice the processor time that it took
 * in 145 large ones.
 */
export const TABLE_OCTETS: number = 16 * 1024 * 1024;

/**
 * Octets of LevelDB's cache of unpacked blocks, an eighth of its default. The system keeps the tables in memory, and
 * unpacking a block takes less than looking after a cache that seldom has it: of 100,000 certificates asked for at
 * random a lookup takes 7 % less processor time than with 8 MiB, of a million 8 %.
 */
export const BLOCK_CACHE_OCTETS: number = 1024 * 1024;

/** Share of the memory up to which tables are taken to stay in it: the rest is for programs and other files. */
export const MAX_RESIDENT_SHARE = 0.5;

/** Point reads between two measurements of the tables: less than a second of full load. */
export const READS_PER_MEASUREMENT = 50_000;

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

/** Times that a change is computed anew because somebody else was faster. With eight writers one in 5000 gets there. */
export const MAX_MERGES = 64;

/** Milliseconds between two of them at the most. */
export const MAX_MERGE_PAUSE = 64;

/** Connections of one process to the database. Each costs the server some MiB; it is idle most of the time. */
export const MAX_CONNECTIONS = 10;

/** Of these, those that hold a snapshot: enough are left for lookups and pushes. */
export const MAX_SNAPSHOTS = 4;

/** Milliseconds to connect to the database, and to wait for a connection while all are in use. */
export const CONNECT_TIMEOUT = 5_000;

/** Milliseconds that a connection may lie idle before it is closed. */
export const IDLE_CONNECTION_TIMEOUT = 60_000;

/**
 * Milliseconds after which the database gives a statement up: above the time after which it gives up a process
 * that holds what the statement waits for.
 */
export const STATEMENT_TIMEOUT = 15_000;

/** Milliseconds after which an answer to a statement is no longer waited for: the connection is dead then. */
export const ANSWER_TIMEOUT = 20_000;

/** Milliseconds that a process may hold a transaction without a word: a process that was stopped holds up all others. */
export const IDLE_TRANSACTION_TIMEOUT = 5_000;

/** The same for a snapshot, which holds nobody up: a dump may be read slowly. */
export const IDLE_SNAPSHOT_TIMEOUT = 300_000;

/** Milliseconds that a snapshot may live: the database keeps what was deleted since. */
export const SNAPSHOT_TIMEOUT = 3_600_000;

/** Times that something is asked of the database when a connection breaks, or when it tells of a conflict. */
export const MAX_LOST_TRIES = 3;
export const MAX_CONFLICT_TRIES = 16;

/** Milliseconds between two of them at the most. */
export const MAX_RETRY_PAUSE = 200;

/** Octets of a search term in a key of the database: PostgreSQL's index takes keys of 2704. Longer ones are cut. */
export const MAX_STORED_TERM_OCTETS = 1024;
