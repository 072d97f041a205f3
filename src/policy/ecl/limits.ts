/** Characters of an ecl.toml: the tools have no limit, a fleet's lists have some thousand fingerprints of 40 digits. */
export const MAX_ECL_CHARACTERS: number = 1024 * 1024;
