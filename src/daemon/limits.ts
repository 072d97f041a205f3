/* Bounds of the daemon's API. */

/** Octets of a body without a policy in it: 32 images with paths of 4096 octets in base64, and what is about them. */
export const MAX_BODY_OCTETS: number = 256 * 1024;

/** Octets of a body that may have a policy in it: files up to 1 MiB, and what JSON adds to them. */
export const MAX_POLICY_BODY_OCTETS: number = 4 * 1024 * 1024;

/** Questions that are remembered at each door as they were read, and the octets of one: those about a few images. */
export const MAX_KNOWN_QUESTIONS = 128;
export const MAX_KNOWN_QUESTION_OCTETS = 1024;

/** Images in one question: what a job or a run with overlays has. */
export const MAX_IMAGES = 32;

/** What a caller may say of itself, all of which is logged. Texts in UTF-16 units. */
export const MAX_CONTEXT_ENTRIES = 16;
export const MAX_CONTEXT_NAME = 64;
export const MAX_CONTEXT_TEXT = 256;

/** Milliseconds that a caller waits when it does not say, and the longest. */
export const DEFAULT_WAIT = 30_000;
export const MAX_WAIT = 600_000;

/** Decisions in one answer, when the caller does not say and the most. */
export const DEFAULT_DECISIONS = 100;
export const MAX_DECISIONS = 1000;

/** Octets of request line and headers: a path of 4096 octets with each as %XX, and room. */
export const MAX_HEADER_OCTETS: number = 32 * 1024;
