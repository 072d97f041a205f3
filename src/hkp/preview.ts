import type { Keystore } from '../keystore/keystore.ts';
import { PreviewKeystore, type Tried } from './preview-keystore.ts';
import type { SubmissionReport, Submit, SubmitOptions } from './submission.ts';

/** What a push would do, had it been one. */
export interface PreviewOutcome {
  readonly report: SubmissionReport;
  /** The accepted certificates, by fingerprint. */
  readonly tried: ReadonlyMap<string, Tried>;
}

/** Throws what the push would. Stores nothing. */
export type Preview = (keyring: Uint8Array, options: SubmitOptions) => Promise<PreviewOutcome>;

/**
 * Runs the very code of a push on a keystore that forgets. `submitOn` makes what takes certificates into the
 * keystore it is given.
 */
export function createPreview(keystore: Keystore, submitOn: (keystore: Keystore) => Submit): Preview {
  return async (keyring, options) => {
    const forgetful = new PreviewKeystore(keystore);
    const report = await submitOn(forgetful)(keyring, options);
    return { report, tried: forgetful.tried };
  };
}
