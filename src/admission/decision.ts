/*
 * The answer to an admission request: the shape of the API, of `--json` and, without `fix`, of the decision log.
 * Names are those of the wire, so that what is logged is what was answered.
 */
import type { Binding, Check, Mode } from '../policy/policy.ts';
import type { CheckOutcome, Reason, SignerVerdict, ThresholdVerdict, Verdict } from '../policy/verdict.ts';

export interface Decision {
  readonly api: 1;
  readonly decision_id: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly verdict: Verdict;
  /** What the caller is to do. */
  readonly effective: 'admit' | 'refuse';
  /** `audit` when only audit mode admits; else that of the image that decided. */
  readonly mode: Mode;
  /** Only in audit mode: what would have been. */
  readonly would?: Verdict;
  /** Of the image that decided; the first one is the main one. */
  readonly reasons: readonly Reason[];
  readonly images: readonly ImageDecision[];
  /** Undefined while no policy is loaded. */
  readonly policy?: { readonly sha256: string; readonly serial: number };
  readonly keys_epoch: number;
  /** Seconds since the oldest answer of a keystore about a key of the policy; absent when none is asked. */
  readonly keys_age_s?: number;
  readonly caller: CallerAnswer;
  readonly context?: Readonly<Record<string, string>>;
  readonly took_us: number;
  /** Number of its line in the decision log; absent when it is not logged. */
  readonly log_pos?: number;
}

export interface CallerAnswer {
  readonly uid?: number;
  /** `socket`: the kernel let only this user connect. */
  readonly attested: 'admin' | 'socket' | 'unverified' | 'self';
}

export interface ImageDecision {
  /** The real path, decoded as UTF-8; `path_b64` has the octets when that loses something. */
  readonly path: string;
  readonly path_b64?: string;
  readonly rule?: string;
  readonly verdict: Verdict;
  readonly effective: 'admit' | 'refuse';
  readonly sha256?: string;
  readonly binding: Binding;
  /** When the bytes were read last, ISO 8601. */
  readonly bytes_verified_at?: string;
  /** The bytes were known from before. */
  readonly cached: boolean;
  readonly reasons: readonly Reason[];
  readonly checks?: Readonly<Record<Check, CheckOutcome>>;
  readonly signers: readonly SignerVerdict[];
  readonly threshold?: ThresholdVerdict;
  readonly waived?: true;
}
