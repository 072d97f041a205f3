/* What a thread that examines certificates is told, and what it answers. */
import type { ExaminedCertificate } from '../../hkp/examine.ts';
import type { RefusedCertificate } from '../../hkp/submission.ts';
import type { OpenPgpErrorCode } from '../../openpgp/error.ts';
import type { CheckLimits } from '../../openpgp/limits.ts';
import type { ThirdPartyMode } from '../../openpgp/third-party.ts';
import type { WrittenAnswers } from './written-answers.ts';

/** What a thread is given at its start. */
export interface ExamineSettings {
  readonly limits: CheckLimits;
  readonly thirdParty: ThirdPartyMode;
  /** Whether signatures are believed. */
  readonly trusted: boolean;
}

/** Pieces of a dump one after another; each ends at one of `ends`. */
export interface ExamineOrder {
  readonly octets: Uint8Array;
  readonly ends: readonly number[];
}

export type ExamineAnswer =
  | {
      readonly kind: 'examined';
      readonly certificates: readonly (ExaminedCertificate | RefusedCertificate)[];
      /** Packets. */
      readonly revocations: readonly Uint8Array[];
    }
  /** The piece is refused as a whole. */
  | { readonly kind: 'refused'; readonly code: OpenPgpErrorCode; readonly reason: string }
  /** A signature may be by a key that is held. */
  | { readonly kind: 'needs the store' };

/** For each piece of an order, in the same order, as `writeAnswers` writes them; or what should not happen. */
export type ExamineAnswers = WrittenAnswers | { readonly failed: string };
