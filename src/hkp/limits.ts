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

/** Changes on one page of the change log: some 220 octets each, so that a page has about 200 KiB. */
export const MAX_CHANGES = 1000;
