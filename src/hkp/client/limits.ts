/** Milliseconds for a whole exchange, redirects included. Singularity's client gives up after the same time. */
export const DEFAULT_TIMEOUT = 5000;

/**
 * Octets of an answer, decompressed. A certificate is at most 128 KiB here, an index of 256 entries about
 * 50 KiB; some key servers hold certificates of several MiB.
 */
export const MAX_ANSWER_OCTETS: number = 8 * 1024 * 1024;

/** Octets of an answer that says how a push went, or why something was refused; more is cut off. */
export const MAX_MESSAGE_OCTETS: number = 4 * 1024;

/** dirmngr follows two redirects; one more for a front door that adds https. */
export const MAX_REDIRECTS = 3;

/** What Singularity asks for. */
export const PAGE_SIZE = 256;

/** Certificates in one answer that are checked: an ambiguous key ID has two, a forged answer thousands. */
export const MAX_CERTIFICATES_PER_ANSWER = 16;

/** Keys fetched, or sent along, for one certificate because its owner named them as revokers: people name one or two. */
export const MAX_REVOKERS = 4;

/** Fingerprints whose digests are asked for at a time: as many as our server takes. */
export const DIGESTS_PAGE = 100;

/** Changes asked for at a time: as many as our server gives. */
export const CHANGES_PAGE = 1000;
