/* What `lint.ts` finds in a policy that can be loaded. Codes are stable. */
import type { Binding } from './policy.ts';

export type FindingCode =
  /** The folder of a rule does not exist. */
  | 'SCOPE_MISSING'
  /** A rule asks less than the rule of a folder above, where others than root can put files. */
  | 'LAXER_THAN_PARENT'
  /** No image can come to this rule. */
  | 'RULE_UNREACHABLE'
  /** Not enough signers can count, so nothing meets the rule. */
  | 'RULE_UNMEETABLE'
  /** The folder's file system never binds an answer as strongly as the rule demands. */
  | 'BINDING_OUT_OF_REACH'
  | 'NO_RULES'
  | 'SIGNER_UNUSED'
  | 'SIGNER_OVER'
  /** Every key of a signer is denied. */
  | 'SIGNER_DENIED'
  /** A denial that another one contains. */
  | 'DENIAL_REDUNDANT'
  | 'WAIVER_OVER'
  /** A waiver for an image that is denied: the denial wins. */
  | 'WAIVER_DENIED'
  | 'POLICY_ENDS_SOON'
  | 'POLICY_OVER';

export interface Finding {
  /** An error should keep a policy from being taken into use; a warning should be read. */
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  /** What it is about: `rule "prod"`, `signer "alice"`, `policy`. */
  readonly subject: string;
  /** One sentence for people, without the trailing point: what is found. May quote names of the policy. */
  readonly text: string;
  /** What to do about it. */
  readonly fix: string;
}

/** What is known of a folder of this host. */
export interface FolderFacts {
  readonly exists: boolean;
  /** Only root can write it and every folder above it. */
  readonly rootOnly: boolean;
  /** The strongest binding that files there can have as they are; `store` is only reached by promoting. */
  readonly strongest?: Binding;
}
