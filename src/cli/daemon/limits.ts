/** Octets of an answer of the daemon: a decision about 32 images with 32 signatures each is below 1 MiB. */
export const MAX_ANSWER_OCTETS: number = 32 * 1024 * 1024;

/** Octets of a policy file that is sent to the daemon; what it takes itself. */
export const MAX_POLICY_OCTETS: number = 1024 * 1024;

/** Images of one question, as the daemon takes them. */
export const MAX_IMAGES = 32;

/** Entries of a question's context, as the daemon takes them. */
export const MAX_CONTEXT = 16;

/** Milliseconds that a question may let the daemon take its time to read images. */
export const MAX_WAIT: number = 10 * 60 * 1000;
export const DEFAULT_WAIT: number = 30 * 1000;

/** Milliseconds on top of what the daemon was given, for everything that is not reading images. */
export const GRACE: number = 5 * 1000;

/** Milliseconds for work that reads many images or asks many keystores. */
export const LONG_WORK: number = 60 * 60 * 1000;
