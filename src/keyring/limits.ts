/**
 * Octets of one keyring file, which is read whole. A certificate takes 1 to 10 KiB: room for some ten thousand
 * keys of one host.
 */
export const MAX_RING_OCTETS: number = 64 * 1024 * 1024;

/** Milliseconds to wait for another process to let go of a folder: it holds it while it writes one file. */
export const LOCK_WAIT = 20_000;

/** Milliseconds between two looks at a lock, at least and at most; the time between is drawn by lot. */
export const LOCK_PAUSE: { readonly least: number; readonly most: number } = { least: 5, most: 40 };

/** How often a file that another program changes under our hands is read anew before we give up. */
export const MAX_REREADS = 20;
