/* Bounds of what the policy room reads. */

/** One file of a policy: room for some thousand signers. */
export const MAX_POLICY_OCTETS: number = 1024 * 1024;
/** Files of one policy: more than anybody keeps apart by name. */
export const MAX_POLICY_FILES = 64;
/** Of each, over all files: so that a rule can be looked up by walking all of them. */
export const MAX_SIGNERS = 2000;
export const MAX_SETS = 500;
export const MAX_RULES = 1000;
/** Longer lists belong to a scanner. */
export const MAX_DENIALS = 10_000;
export const MAX_WAIVERS = 1000;
/** Keys of one person or robot: a handful, and old ones of years. */
export const MAX_SIGNER_KEYS = 64;
/** Names in one list of members or signers. */
export const MAX_MEMBERS: number = MAX_SIGNERS;
/** UTF-16 units of a name: it is shown in one line with much else. */
export const MAX_NAME_LENGTH = 128;
/** UTF-16 units of a reason. */
export const MAX_REASON_LENGTH = 1000;
/** Octets of a path in Linux (PATH_MAX). */
export const MAX_SCOPE_OCTETS = 4096;
/** Groups or types that a rule selects objects by. */
export const MAX_SELECTORS = 64;
/** Lists and tables within each other: a policy needs four. */
export const MAX_NESTING = 32;
/** Faults of one policy that are told. */
export const MAX_FAULTS = 100;
/** Faults that are looked for, to tell the first by line. */
export const MAX_FAULTS_KEPT = 1000;
/** UTF-16 units of a key of a file that are shown. */
export const MAX_SHOWN_KEY = 64;

/** Cases in one table: each reads an image, so this many take minutes already. */
export const MAX_CASES = 10_000;

/** UTF-16 units of a table of cases: room for `MAX_CASES` of 400 characters. */
export const MAX_CASES_LENGTH = 4_000_000;
