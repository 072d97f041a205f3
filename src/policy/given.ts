/* What a policy file says, read and bounded, under the names of the file; nothing resolved. Seconds. */
import type {
  Action,
  Binding,
  Check,
  Fallback,
  KeyOrigin,
  Level,
  Mode,
  ObjectSelection,
  Semantics,
} from './policy.ts';

export interface GivenHead {
  readonly version: 1;
  readonly serial: number;
  readonly valid_until?: number | undefined;
  readonly defaults: GivenDefaults;
}

/** What a rule may say for itself, and `[defaults]` for all that do not. */
export interface GivenManner {
  readonly mode?: Mode | undefined;
  readonly level?: Level | undefined;
  readonly semantics?: Semantics | undefined;
  readonly min_binding?: Binding | undefined;
  readonly on_undetermined?: Fallback | undefined;
  readonly max_staleness?: number | undefined;
}

export interface GivenDefaults extends GivenManner {
  readonly on_no_match: Fallback;
  readonly on_log_failure: Fallback;
  readonly clock_skew: number;
}

export interface GivenSigner {
  readonly name: string;
  readonly keys: readonly string[];
  readonly sources: readonly KeyOrigin[];
  readonly require_present: boolean;
  readonly valid_from?: number | undefined;
  readonly valid_until?: number | undefined;
  readonly signed_after?: number | undefined;
  readonly signed_before?: number | undefined;
}

export interface GivenSet {
  readonly name: string;
  readonly members: readonly string[];
}

export interface GivenRequirement {
  readonly set?: string | undefined;
  readonly signers?: readonly string[] | undefined;
  readonly threshold: number;
  readonly must: readonly string[];
}

export interface GivenRule extends GivenManner {
  readonly name: string;
  readonly scope?: string | undefined;
  readonly recursive?: boolean | undefined;
  readonly require?: GivenRequirement | undefined;
  readonly objects: ObjectSelection;
  readonly extra_signatures: 'ignore' | 'refuse';
  readonly checks: Readonly<Partial<Record<Check, Action | undefined>>>;
  readonly deny: readonly string[];
  readonly i_know: boolean;
}

export interface GivenDenial {
  readonly sha256?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly since?: number | undefined;
  readonly reason?: string | undefined;
}

export interface GivenWaiver {
  readonly sha256: string;
  readonly rule: string;
  readonly until: number;
  readonly reason: string;
}
