/*
 * A policy as it is in force: every default resolved, every name looked up. `parse-policy.ts` makes it from
 * files; `evaluate.ts` applies it. Times are seconds since 1970, durations seconds.
 */

/** Whether what a rule says is enforced, only logged, or not even evaluated. */
export type Mode = 'enforce' | 'audit' | 'off';

/** A preset of actions for the checks. */
export type Level = 'strict' | 'permissive' | 'audit-only';

/** How expired and revoked keys are judged. */
export type Semantics = 'rfc9580' | 'strict' | 'singularity';

/** What comes of a check that does not pass. */
export type Action = 'enforce' | 'warn' | 'skip';

/** What an answer falls back to. */
export type Fallback = 'refuse' | 'admit';

/** How strongly an answer is bound to the bytes, from the weakest to the strongest. */
export const BINDINGS = ['path', 'identity', 'fd', 'root-owned', 'store'] as const;
export type Binding = (typeof BINDINGS)[number];

/** Where a key comes from: files of this host, or a keystore. */
export type KeyOrigin = 'local' | 'keystore';

/** Every check of an image, in the order in which they are told. */
export const CHECKS = [
  'integrity',
  'coverage',
  'authenticity',
  'revocation',
  'expiry',
  'freshness',
  'transparency',
  'binding',
  'window',
] as const;
export type Check = (typeof CHECKS)[number];

export interface Policy {
  /** SHA-256 of the files' octets, one after another, lower-case hexadecimal: which policy it is. */
  readonly sha256: string;
  /** Never decreases from one policy to the next. */
  readonly serial: number;
  /** From then on it counts as no policy. */
  readonly validUntil?: number;
  /** For images that no rule is for. */
  readonly onNoMatch: Fallback;
  /** For answers that cannot be written to the decision log. */
  readonly onLogFailure: Fallback;
  /** How far ahead a signature may claim to be made. */
  readonly clockSkew: number;
  /** By name. */
  readonly signers: ReadonlyMap<string, PolicySigner>;
  readonly rules: readonly Rule[];
  readonly denials: readonly Denial[];
  readonly waivers: readonly Waiver[];
}

/** A person or a robot: however many keys, it counts once. */
export interface PolicySigner {
  readonly name: string;
  /** Fingerprints of primary keys, upper-case hexadecimal, 40 or 64 digits. */
  readonly keys: readonly string[];
  /** Where its certificates may come from. News of revocations are taken from everywhere. */
  readonly origins: readonly KeyOrigin[];
  /** A certificate that is gone from the keystore refuses. */
  readonly requirePresent: boolean;
  /** Counts for decisions from … until (exclusive). */
  readonly validFrom?: number;
  readonly validUntil?: number;
  /** Counts for signatures made after … before. */
  readonly signedAfter?: number;
  readonly signedBefore?: number;
}

export interface Rule {
  readonly name: string;
  /** Absolute path without `.`, `..`, empty components and final slash; undefined: for what no other rule is for. */
  readonly scope?: string;
  /** False: only images directly in the folder `scope`. */
  readonly recursive: boolean;
  readonly mode: Mode;
  readonly semantics: Semantics;
  readonly requirement: Requirement;
  readonly objects: ObjectSelection;
  /** What a signature that is invalid or by nobody known does to an image that is fine without it. */
  readonly extraSignatures: 'ignore' | 'refuse';
  readonly minBinding: Binding;
  /** Of every check; `integrity`, `coverage` and `authenticity` are `enforce` unless the level is audit-only. */
  readonly actions: Readonly<Record<Check, Action>>;
  /** The level that the actions come from: `permissive` lets unanchored expiry and soft revocation pass. */
  readonly level: Level;
  readonly onUndetermined: Fallback;
  /** How old the last answer of a keystore about a key may be. */
  readonly maxStaleness: number;
  /** Fingerprints of primary keys that no signature may name, verified or claimed, for this rule. */
  readonly deniedFingerprints: readonly string[];
  /** Whoever wrote it knows that it asks less than the rule of a folder above; only `lint.ts` asks. */
  readonly iKnow?: true;
}

/** Of the signers in `members`, at least `threshold`, and all of `must`. */
export interface Requirement {
  /** The name of the set, when it has one. */
  readonly set?: string;
  /** Names of signers; sets are resolved. Each once. */
  readonly members: readonly string[];
  /** At least 1, at most as many as there are members; 0 members: nobody can meet it. */
  readonly threshold: number;
  /** Names of members that have to be among them. */
  readonly must: readonly string[];
}

/** Which objects every counted signer has to have signed. */
export type ObjectSelection =
  | { readonly kind: 'all' }
  /** The primary system partition. */
  | { readonly kind: 'primary' }
  /** Every object of these groups. */
  | { readonly kind: 'groups'; readonly groups: readonly number[] }
  /** Every object of these data types, as `vouch sif list` names them. */
  | { readonly kind: 'types'; readonly types: readonly string[] };

export interface Denial {
  /** Of the whole file, lower-case hexadecimal. One of the two is there. */
  readonly sha256?: string;
  /** Of a primary key or a subkey, upper-case hexadecimal, verified or claimed. */
  readonly fingerprint?: string;
  /** For a fingerprint: only for signatures that say they were made from then on, or say nothing. */
  readonly since?: number;
  readonly reason?: string;
}

/** Lets one image pass what a rule demands, until a date. */
export interface Waiver {
  readonly sha256: string;
  /** Name of the rule. */
  readonly rule: string;
  /** Exclusive. */
  readonly until: number;
  readonly reason: string;
}
