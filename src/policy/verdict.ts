/* What evaluating a policy comes to. Reason codes are stable: never renamed, never used for something else. */
import type { Check, Mode } from './policy.ts';

export type Verdict = 'admit' | 'refuse' | 'undetermined';

export type CheckOutcome = 'pass' | 'fail' | 'undetermined' | 'skip';

/** Why an answer is as it is, by what kind of trouble it is: the exit code follows from it. */
export const REASON_CLASS: Readonly<Record<ReasonCode, ReasonClass>> = {
  NO_RULE: 'policy',
  RULE_REFUSES: 'policy',
  NOT_SIF: 'evidence',
  BAD_FORMAT: 'evidence',
  LIMIT: 'evidence',
  INTEGRITY_HEADER: 'evidence',
  INTEGRITY_OBJECT: 'evidence',
  UNSIGNED: 'evidence',
  UNSIGNED_OBJECT: 'evidence',
  SIG_INVALID: 'evidence',
  SIG_WEAK_HASH: 'evidence',
  SIG_FUTURE: 'evidence',
  SIG_EXTRA_INVALID: 'evidence',
  SIGNER_UNKNOWN: 'evidence',
  THRESHOLD_NOT_MET: 'policy',
  MUST_SIGNER_MISSING: 'policy',
  KEY_MISSING: 'key',
  KEY_WEAK: 'key',
  KEY_EXPIRED: 'key',
  KEY_EXPIRED_UNANCHORED: 'key',
  KEY_REVOKED_HARD: 'key',
  KEY_REVOKED_SOFT: 'key',
  KEY_REVOKED_UNANCHORED: 'key',
  KEY_VANISHED: 'key',
  KEY_STALE: 'undetermined',
  KEYSTORE_ROLLBACK: 'key',
  KEYSTORE_CONFLICT: 'key',
  DENIED_DIGEST: 'policy',
  DENIED_FINGERPRINT: 'policy',
  OUTSIDE_WINDOW: 'policy',
  WAIVED: 'policy',
  BINDING_TOO_WEAK: 'policy',
  CHANGED_WHILE_READING: 'undetermined',
  EXPECTED_DIGEST_MISMATCH: 'policy',
  CLOCK_SUSPECT: 'undetermined',
  DEADLINE: 'undetermined',
  IO_ERROR: 'undetermined',
  NO_PERMISSION: 'undetermined',
  POLICY_NOT_LOADED: 'undetermined',
  LOG_UNAVAILABLE: 'undetermined',
};

export type ReasonClass = 'policy' | 'evidence' | 'key' | 'undetermined';
export type ReasonCode =
  | 'NO_RULE'
  | 'RULE_REFUSES'
  | 'NOT_SIF'
  | 'BAD_FORMAT'
  | 'LIMIT'
  | 'INTEGRITY_HEADER'
  | 'INTEGRITY_OBJECT'
  | 'UNSIGNED'
  | 'UNSIGNED_OBJECT'
  | 'SIG_INVALID'
  | 'SIG_WEAK_HASH'
  | 'SIG_FUTURE'
  | 'SIG_EXTRA_INVALID'
  | 'SIGNER_UNKNOWN'
  | 'THRESHOLD_NOT_MET'
  | 'MUST_SIGNER_MISSING'
  | 'KEY_MISSING'
  | 'KEY_WEAK'
  | 'KEY_EXPIRED'
  | 'KEY_EXPIRED_UNANCHORED'
  | 'KEY_REVOKED_HARD'
  | 'KEY_REVOKED_SOFT'
  | 'KEY_REVOKED_UNANCHORED'
  | 'KEY_VANISHED'
  | 'KEY_STALE'
  | 'KEYSTORE_ROLLBACK'
  | 'KEYSTORE_CONFLICT'
  | 'DENIED_DIGEST'
  | 'DENIED_FINGERPRINT'
  | 'OUTSIDE_WINDOW'
  | 'WAIVED'
  | 'BINDING_TOO_WEAK'
  | 'CHANGED_WHILE_READING'
  | 'EXPECTED_DIGEST_MISMATCH'
  | 'CLOCK_SUSPECT'
  | 'DEADLINE'
  | 'IO_ERROR'
  | 'NO_PERMISSION'
  | 'POLICY_NOT_LOADED'
  | 'LOG_UNAVAILABLE';

export interface Reason {
  readonly code: ReasonCode;
  readonly check?: Check;
  /** `enforce`: it decides; `warn`: it is told; never `skip`. */
  readonly action: 'enforce' | 'warn';
  /** One sentence for people, without the trailing point. May quote hostile text: escape it where it is shown. */
  readonly text: string;
  /** What would make it pass. */
  readonly fix?: string;
  readonly fingerprint?: string;
  readonly objectId?: number;
  /** Where the fact comes from. */
  readonly source?: string;
}

/** A signer of the policy whose key made a signature, whether it counts or not. */
export interface SignerVerdict {
  /** Name in the policy; undefined: a valid signature by a key that the policy does not name. */
  readonly name?: string;
  /** Of the primary key. */
  readonly fingerprint: string;
  /** `LOCAL`, `REMOTE`, `LOCAL+REMOTE`, or `SEEN` when no source has it any more. */
  readonly source: 'LOCAL' | 'REMOTE' | 'LOCAL+REMOTE' | 'SEEN';
  readonly keyState: KeyState;
  /** Seconds since 1970, as the signature says. */
  readonly signedAt?: number;
  readonly firstSeen: number;
  /** IDs of the objects signed. */
  readonly objects: readonly number[];
  /** Whether it is one of those that meet the requirement. */
  readonly counts: boolean;
}

/** The rows of admission's matrix. Anchored: this host saw the image before the key ended. */
export type KeyState =
  | 'good'
  | 'weak'
  | 'cannot-sign'
  | 'expired-anchored'
  | 'expired-unanchored'
  | 'signed-after-expiry'
  | 'revoked-hard'
  | 'revoked-soft-anchored'
  | 'revoked-soft-unanchored'
  | 'signed-after-revocation';

export interface ThresholdVerdict {
  readonly need: number;
  readonly have: number;
  readonly must: readonly string[];
  /** Of `must`, those that are not among the signers that count. */
  readonly missing: readonly string[];
}

export interface ImageVerdict {
  /** Name of the rule that was applied; undefined: there is none for the path. */
  readonly rule?: string;
  readonly mode: Mode;
  readonly verdict: Verdict;
  /** What the caller is to do: the verdict after audit mode and `on_undetermined`. */
  readonly effective: 'admit' | 'refuse';
  /** Admitted by a waiver. */
  readonly waived: boolean;
  /** In the order of the checks, those that are enforced first. Empty: admitted, nothing to tell. */
  readonly reasons: readonly Reason[];
  /** Undefined when there was nothing to check: no rule, no image, mode `off`. */
  readonly checks?: Readonly<Record<Check, CheckOutcome>>;
  readonly signers: readonly SignerVerdict[];
  readonly threshold?: ThresholdVerdict;
}

/** What evaluation has to know besides policy and image. Seconds since 1970. */
export interface Moment {
  readonly now: number;
  /** The clock went backwards: what depends on time cannot be told. */
  readonly clockSuspect: boolean;
}
