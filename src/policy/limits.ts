/* Bounds of what the policy room reads. */

/** Cases in one table: each reads an image, so this many take minutes already. */
export const MAX_CASES = 10_000;

/** UTF-16 units of a table of cases: room for `MAX_CASES` of 400 characters. */
export const MAX_CASES_LENGTH = 4_000_000;
