/* The execution control list of Singularity and Apptainer, as the tools understand it (internal/pkg/syecl). */

/** Whose reading of an ecl.toml is meant: they differ in what an invalid signature does. */
export const ECL_FLAVOURS = ['singularity', 'apptainer'] as const;
export type EclFlavour = (typeof ECL_FLAVOURS)[number];

/**
 * whitelist: one of the keys has signed every group. whitestrict: each of them has. blacklist: none of them has
 * signed any.
 */
export const ECL_MODES = ['whitelist', 'whitestrict', 'blacklist'] as const;
export type EclMode = (typeof ECL_MODES)[number];

export interface Ecl {
  /** False: every image runs. */
  readonly activated: boolean;
  /** Signatures of Singularity 3.0 to 3.5 are looked for, on the primary partition, and no others. */
  readonly legacyInsecure: boolean;
  readonly groups: readonly EclGroup[];
  /** What the tools pass over in silence: keys that mean nothing to them, a missing `activated`. Hostile text. */
  readonly warnings: readonly string[];
}

export interface EclGroup {
  /** A label, nothing else: hostile text. */
  readonly tagName: string;
  readonly mode: EclMode;
  /** For images directly in this folder; absolute and clean. Empty: for those that no other group is for. */
  readonly dirPath: string;
  /** Fingerprints of primary keys, upper-case hexadecimal, 40 digits, each once. */
  readonly keys: readonly string[];
}
