/**
 * Octets of one certificate in a dump, before anything is stripped. SKS dumps hold certificates of tens of
 * megabytes that flooding made; what is over this is refused without being held in memory.
 */
export const MAX_DUMPED_CERTIFICATE: number = 8 * 1024 * 1024;

/** Octets of one packet: none that belongs in a certificate is larger, so a larger length is damage. */
export const MAX_DUMPED_PACKET: number = 4 * 1024 * 1024;

/** Octets read at once. */
export const READ_SIZE: number = 256 * 1024;

/** Characters of one line of armor; real ones have 64 or 76. */
export const MAX_ARMOR_LINE: number = 64 * 1024;

/**
 * Certificates under way at once, and their octets: enough for every thread to have work, and for the store to
 * write many together.
 */
export const CHECKS_IN_FLIGHT = 256;
export const OCTETS_IN_FLIGHT: number = 16 * 1024 * 1024;

/** What a thread that examines certificates is handed at a time. */
export const PIECES_PER_ORDER = 32;
export const OCTETS_PER_ORDER: number = 256 * 1024;

/** MiB. Certificates die young: with the room for a few orders most of them are never copied. */
export const THREAD_MEMORY = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 64 };

/** Orders that a thread may have: one that it works on, and the next. */
export const ORDERS_PER_THREAD = 2;

/**
 * How far a load has come is noted after this many milliseconds, or this many pieces if they are sooner. What
 * is not noted is done again after a crash.
 */
export const NOTE_INTERVAL = 1000;
export const PIECES_PER_NOTE = 250;

/**
 * Revocations that wait for the end of a load, because their certificates, or the keys of those who made them, may
 * come after them. A dump has a handful; those beyond are refused at once. Their places are noted with the place of the
 * load.
 */
export const MAX_LATE_PIECES = 2048;

/** Octets of one that is kept in memory: a signature of the largest kind that is taken. Others are read again. */
export const MAX_LATE_OCTETS: number = 16 * 1024;
