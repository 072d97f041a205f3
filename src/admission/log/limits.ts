/* Bounds on the decision log: what one line may take, and what reading a damaged file may cost. */

/**
 * Octets of one line. An answer about 32 images with 64 signatures each can be longer; it is shortened to far
 * less than this, since 32 paths of 4,096 octets are at most 1 MiB when every octet has to be escaped.
 */
export const MAX_LINE_OCTETS: number = 4 * 1024 * 1024;

/** Of an answer that is too long for a line: what is kept of each list. */
export const SHORTENED_LIST = 16;
/** … and of each text in it, in characters. */
export const SHORTENED_TEXT = 200;

/** Octets read from a file at once. */
export const CHUNK_OCTETS: number = 256 * 1024;

/** Octets of a torn end that are kept beside the log. A crash tears at most one write, which has fewer. */
export const MAX_TORN_OCTETS: number = 8 * 1024 * 1024;

/** Octets of a PEM file with an Ed25519 key, which has about 120. */
export const MAX_LOG_KEY_OCTETS = 4096;

/** Faults of a log that are told one by one; beyond that they are counted. */
export const MAX_LOG_PROBLEMS = 100;

/** Lines that are asked for from the end of the log at once: they are kept in memory. */
export const MAX_LAST_LINES = 100_000;
