import type { ImageReport, InvalidReason, SignatureReport } from '../../integrity/report.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';

/** What a signature that is not valid says about the image: design.md, exit codes 11, 12 and 20. */
export type Trouble = 'evidence' | 'key state' | 'undetermined';

const KEY_STATE: ReadonlySet<InvalidReason> = new Set(['KEY_EXPIRED', 'KEY_REVOKED', 'CERTIFICATE_EXPIRED']);

/**
 * `keysComplete`: every keystore has answered. Without that an unknown signer may be somebody known, so it is
 * not known whether the image is good.
 */
export function exitCodeOfReport(report: ImageReport, keysComplete: boolean): ExitCode {
  if (report.verified) return EXIT.done;
  const troubles = new Set(troublesOf(report, keysComplete));
  if (troubles.has('evidence')) return EXIT.evidenceBad;
  return troubles.has('key state') ? EXIT.keyState : EXIT.undetermined;
}

function troublesOf({ faults, tasks }: ImageReport, keysComplete: boolean): Trouble[] {
  const unsigned = tasks.some(({ verdict }) => verdict === 'unsigned');
  return [
    ...(faults.length > 0 || unsigned ? (['evidence'] as const) : []),
    ...tasks.flatMap(({ signatures }) => signatures.flatMap((one) => troubleOf(one, keysComplete))),
  ];
}

function troubleOf(signature: SignatureReport, keysComplete: boolean): Trouble[] {
  switch (signature.outcome) {
    case 'valid':
      return [];
    case 'invalid':
      return [KEY_STATE.has(signature.reason) ? 'key state' : 'evidence'];
    case 'unknown-signer':
      // Key material for DSSE comes from the command line only; no keystore could have helped.
      return [keysComplete || signature.format === 'dsse' ? 'evidence' : 'undetermined'];
  }
}
