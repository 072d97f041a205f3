/* Bounds of the admission room on what comes from outside, and on what it keeps in memory. */

/** Signature objects whose makers are remembered: four signatures each of a thousand images. */
export const MAX_REMEMBERED_MESSAGES = 4096;

/** Characters of all of these together, as base64: a message of a usual image has two thousand. */
export const MAX_REMEMBERED_CHARACTERS: number = 32 * 1024 * 1024;

/** States of certificates tried on one message: a handful name the same key over the years. */
export const MAX_REMEMBERED_CERTIFICATES = 64;

/** Octets of the largest image that is read: reading 128 GiB takes minutes. An operator may change it. */
export const MAX_IMAGE_OCTETS: number = 128 * 2 ** 30;

/** Threads that read images: hashing fills a core. */
export const IMAGE_WORKERS = 2;

/** Octets that a thread reads at a time: fits the cache of a core, and larger pieces are not faster. */
export const READ_OCTETS: number = 256 * 1024;

/** MiB of heap of such a thread: what the bounds on evidence let an image need, several times over. */
export const WORKER_HEAP_MIB = 128;

/** … and of a thread that does nothing but digest. */
export const DIGEST_HEAP_MIB = 16;

/** … and what either may fill before it is tidied up: a thread that hashes makes little that it could keep. */
export const YOUNG_HEAP_MIB = 2;

/** Octets of an image from which on a second thread digests its contents: telling it takes less than it saves. */
export const BESIDE_OCTETS: number = 4 * 1024 * 1024;

/** Images that wait for a thread, of everybody and of one caller; each holds a file open. */
export const MAX_QUEUED_IMAGES = 256;
export const MAX_QUEUED_IMAGES_PER_CALLER = 64;

/** Files of which it is known what they hold: some 300 octets each. */
export const MAX_KNOWN_FILES = 20_000;

/** Octets of evidence that are kept on disk and in memory; that of an image with one signature has some 2 KiB. */
export const MAX_KEPT_EVIDENCE_OCTETS: number = 256 * 2 ** 20;
export const MAX_EVIDENCE_OCTETS_IN_MEMORY: number = 16 * 2 ** 20;

/** Milliseconds that mounts and the groups of a user are not asked for anew. */
export const MOUNTS_MAX_AGE = 1000;
export const GROUPS_MAX_AGE = 60_000;

/** Users whose groups are remembered. */
export const MAX_REMEMBERED_USERS = 1000;

/** Octets of a path (PATH_MAX of Linux). */
export const MAX_PATH_OCTETS = 4096;

/** Octets of everything ever seen of one certificate; beyond it only revocations are added. */
export const MAX_SEEN_OCTETS: number = 1024 * 1024;

/** Octets of one file of keys, which is read whole: a keyring of ten thousand keys. */
export const MAX_KEY_FILE_OCTETS: number = 64 * 1024 * 1024;

/** Files in one folder of keys. */
export const MAX_KEY_FILES = 10_000;

/**
 * Pages of a change log read at a time, of 200 KB each. Where more has changed, digests of all keys of a host cost less,
 * and cost the same however much changes at the keystore.
 */
export const MAX_CHANGE_PAGES = 2;

/** Images in the folders of one sweep, and folders within folders. */
export const MAX_SWEPT_FILES = 1_000_000;
export const MAX_SWEPT_DEPTH = 64;

/** Octets in a second at which known files are read anew: a tenth of a core, and a fraction of what disks give. */
export const REREAD_RATE = 50_000_000;

/** Files that are read anew in one round: more are not known at a time. */
export const MAX_REREAD_FILES: number = MAX_KNOWN_FILES;

/** Octets of room on the disk before the daemon's database is opened again: twice what LevelDB may write then. */
export const OCTETS_TO_OPEN: number = 16 * 1024 * 1024;
