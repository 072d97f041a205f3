/** Milliseconds for one exchange with a peer: a server, which may be busy, and not a person who waits. */
export const PEER_TIMEOUT = 30_000;

/** Changes asked for at once: at about 200 octets each an answer stays far below `MAX_ANSWER_OCTETS`. */
export const CHANGES_PER_PAGE = 500;

/** Changes looked at in one run, either way. A run ends some time; the next one goes on. */
export const MAX_CHANGES_PER_RUN = 20_000;

/** Certificates fetched for one search: more is not one person's keys. */
export const MAX_FETCHED_PER_SEARCH = 64;

/**
 * Certificates that wait for another try, each way. More means that something is wrong with the peer as a whole:
 * the run ends there, and nothing is passed over.
 */
export const MAX_WAITING = 300;

/** Milliseconds until a certificate that could not be fetched, or was not taken, is tried again; then it is given up. */
export const RETRY_AFTER: readonly number[] = [60_000, 900_000, 14_400_000, 86_400_000];

/** Milliseconds after the second failed run in a row; each further one doubles it, up to the most. */
export const FIRST_BACK_OFF = 2_000;
export const MAX_BACK_OFF: number = 30 * 60_000;

/** Seconds that a run waits when the peer says "not so fast", as long as a window of pushes is here; if it is more, the run ends. */
export const MAX_PAUSE = 60;

/** How often it does so in one run. */
export const MAX_PAUSES = 20;

/** Fingerprints and reasons that the state of a peer names; all are counted. */
export const MAX_NAMED = 100;

/** Characters of what a peer said that are kept. */
export const MAX_SAID = 200;
