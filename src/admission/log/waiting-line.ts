import { AdmissionError } from '../error.ts';
import type { Written } from './chain-file.ts';
import type { ChainEnd } from './chain-scan.ts';
import type { LogPosition } from './record.ts';

/** A line that somebody waits for. */
export interface WaitingLine {
  readonly text: string;
  readonly resolve: (position: LogPosition) => void;
  readonly reject: (error: AdmissionError) => void;
}

/** Answers those who wait: the lines that are written, after `intro` others, were theirs in this order. */
export function settle(
  batch: readonly WaitingLine[],
  { lines, failure }: Written,
  { before, intro }: { before: ChainEnd; intro: number },
): void {
  for (const [i, { resolve, reject }] of batch.entries()) {
    if (intro + i < lines) resolve({ seq: before.seq + intro + i + 1 });
    else reject(unwritable(failure));
  }
}

export function unwritable(cause: unknown): AdmissionError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AdmissionError('LOG_UNWRITABLE', `the decision log cannot be written: ${reason}`, { cause });
}
