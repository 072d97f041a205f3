import { MAX_UPLOAD_OCTETS } from '../openpgp/limits.ts';

/** Bounds an operator may change. */
export interface HkpLimits {
  /** Octets of the keyring in one push, its armor taken off. */
  readonly uploadOctets: number;
  /** Certificates in one answer to op=index when the client does not say; Hockeypuck's `requestQueryLimit`. */
  readonly pageSize: number;
  /** The most a client may ask for. Singularity always asks for 256 (`x-pagesize`). */
  readonly maxPageSize: number;
}

export const DEFAULT_HKP_LIMITS: HkpLimits = {
  uploadOctets: MAX_UPLOAD_OCTETS,
  pageSize: 100,
  maxPageSize: 256,
};

/**
 * How much longer than its keyring the body of a push may be: armor adds 37 %, a form about 10 % more. What
 * gets through is measured again without its armor.
 */
export const MAX_BODY_EXPANSION = 2;

/**
 * Variables of a query or a form, and parts of a multipart form: each costs time before anything is known of
 * it. A keytext for each of the certificates that one upload may hold, and a few more.
 */
export const MAX_VARIABLES = 128;

/** Characters of a search: a user ID has at most 1024 octets. */
export const MAX_SEARCH_LENGTH = 1024;

/** Characters of a search as it is sent: each octet of UTF-8 may be written as `%XX`. */
export const MAX_RAW_SEARCH_LENGTH: number = 4 * MAX_SEARCH_LENGTH;

/** Words that are looked up and intersected; a longer text is taken as a whole user ID. */
export const MAX_SEARCH_WORDS = 32;

/**
 * Certificates in one answer to op=get or of v2: twins of a key ID, or the keys of one address. At 128 KiB
 * each the answer stays below 4 MiB; gpg takes 20 MiB.
 */
export const MAX_CERTIFICATES_PER_GET = 32;

/** Pages of the store read for one answer, when certificates are passed over that old clients cannot read. */
export const MAX_STORE_PAGES = 16;

/** Digests in one hashquery: what SKS sends at a time. */
export const MAX_HASHQUERY_DIGESTS = 100;

/** Octets of a hashquery: a count, and per digest a length and 16 octets. */
export const MAX_HASHQUERY_OCTETS: number = 4 + MAX_HASHQUERY_DIGESTS * 20;

/** Octets of one answer to a hashquery; the rest is left out, and asked for again by its client. */
export const MAX_HASHQUERY_ANSWER: number = 8 * 1024 * 1024;

/**
 * Prefixes in one prefixlog. Hockeypuck stops at 1000, after which a mirror cannot see what it misses; a
 * hundred thousand lines are 1 MB.
 */
export const MAX_PREFIXES = 100_000;

/** Words of one user ID that are indexed: each costs a row. Names and addresses have fewer than a dozen. */
export const MAX_WORDS_PER_USER_ID = 64;

/** Changes of one key that its page tells: years of a key that is extended every month. */
export const MAX_HISTORY = 40;

/**
 * Entries of the change log read for one page. Fingerprints that begin alike can be made, and each costs a
 * read: somebody who pushes thousands of them shortens the history of one key, no more.
 */
export const MAX_HISTORY_READS = 80;

/**
 * Octets of an upload that a preview carries, in armor, for the push that may follow it: with it, the page
 * stays below 50 KB. A longer one is chosen again.
 */
export const MAX_CARRIED_OCTETS: number = 16 * 1024;

/** Certificates of an upload that a preview shows; the rest is counted. */
export const MAX_PREVIEWED = 10;

/** Weak certificates that a report names; all are counted. A page or a mail of more is not read. */
export const MAX_WEAK_LISTED = 100;

/** Certificates on one page for people, who do not read a hundred. It stays below 50 KB with them. */
export const HTML_PAGE_SIZE = 20;

/** Octets of a request for a mail: one address (RFC 5321 §4.5.3.1.3) and a line end. */
export const MAX_ADDRESS_OCTETS = 512;

/** Octets of a form that answers a mail: a token and the fingerprints of the keys in the mail. */
export const MAX_PROVE_FORM_OCTETS = 4096;

/**
 * Octets of a signed request for removal: its text has some 350, a signature by RSA-8192 in armor 1500, and a gpg that
 * is told to write comments some more.
 */
export const MAX_REMOVAL_OCTETS = 8192;

/** How long the text that an owner signs is good, in milliseconds: time to fetch a key from a safe. */
export const REMOVAL_LIFETIME: number = 3600 * 1000;

/** Seconds by which a signer's clock may be ahead. */
export const MAX_CLOCK_SKEW = 300;

/**
 * Fingerprints whose digests are asked for at once: with 64 digits each the address has 6.5 KB, which programs in front
 * of a server let through.
 */
export const MAX_DIGESTS = 100;

/** Changes on one page of the change log: some 220 octets each, so that a page has about 200 KiB. */
export const MAX_CHANGES = 1000;

/** Octets of answers that are kept ready: those of some 12,000 certificates, or of the addresses of thrice as many. */
export const MAX_READY_OCTETS: number = 32 * 1024 * 1024;

/** Octets of the pieces they are kept in: each client that is slow to take an answer can keep one in memory. */
export const READY_PIECE_OCTETS: number = 256 * 1024;

/** Octets of one of them, less than half a piece: the answer to a common word must not take the place of fifty. */
export const MAX_READY_ANSWER_OCTETS: number = 96 * 1024;

/**
 * Questions that are remembered to tell whether one is asked again: where more others come between, its answer would
 * seldom be asked for while it is kept.
 */
export const ASKED_BEFORE_SLOTS = 16_384;

/** Characters of the question that an answer is kept under: an address in any spelling, a name. */
export const MAX_QUESTION_LENGTH = 512;

/** Query strings whose question is known: at some 250 octets each, 4 MB. */
export const MAX_KNOWN_QUERIES = 16_384;
