import type { Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';
import type { AddressProofs } from './address-proofs.ts';
import type { ChangeIndex } from './change-index.ts';
import type { HtmlView } from './html.ts';
import type { HkpLimits } from './limits.ts';
import type { PushControl } from './push-permission.ts';
import type { Preview } from './preview.ts';
import type { ReadyAnswers } from './ready-answers.ts';
import type { Submit } from './submission.ts';

/** What the operations of the protocol work with. */
export interface HkpService {
  readonly keystore: Keystore;
  readonly submit: Submit;
  readonly preview: Preview;
  /** Answers to lookups that need not be made again. */
  readonly answers: ReadyAnswers;
  /** The change log by fingerprint and by day. */
  readonly changes: ChangeIndex;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  /** Undefined: browsers are answered in text as well. */
  readonly html: HtmlView | undefined;
  /** Of this program, without a `v`. */
  readonly version: string;
  /** The public address, scheme and host; never taken from a request. */
  readonly publicUrl: string | undefined;
  readonly limits: HkpLimits;
  /** Who may push what. Undefined: anybody anything, and credentials are not looked at. */
  readonly access?: PushControl | undefined;
  /** Who proved what by mail. Undefined: this server sends no mails. */
  readonly proofs?: AddressProofs | undefined;
}
