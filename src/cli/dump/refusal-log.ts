import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { CliError } from '../error.ts';
import type { Refusal } from './load-counts.ts';

/** A file of JSON lines, one for each refusal. */
export interface RefusalLog {
  /** How long the file is. */
  readonly octets: number;
  add(refusal: Refusal, place: { readonly file: string; readonly offset: number }): void;
  close(): void;
}

/**
 * `keep` is how many octets of it a load that goes on has written; what follows them was written just before
 * it was interrupted and will be written again. Throws `UNWRITABLE_FILE`.
 */
export function refusalLog(path: string, keep: number): RefusalLog {
  const file = opened(path, keep > 0 ? 'a' : 'w');
  let octets = Math.min(keep, fstatSync(file).size);
  ftruncateSync(file, octets);
  return {
    get octets() {
      return octets;
    },
    add: ({ fingerprint, code, reason }, place) => {
      octets += writeSync(file, `${JSON.stringify({ fingerprint, code, reason, ...place })}\n`);
    },
    close: () => closeSync(file),
  };
}

function opened(path: string, flags: string): number {
  try {
    return openSync(path, flags);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('UNWRITABLE_FILE', `cannot write ${path}: ${reason}`, { cause });
  }
}
