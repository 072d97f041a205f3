import { acceptedCount, refusedCount } from '../dump/load-counts.ts';
import type { LoadCounts } from '../dump/load-counts.ts';
import { plural } from '../plural.ts';

export interface LoadReportOptions {
  readonly files: number;
  /** False: the load was interrupted. */
  readonly complete: boolean;
  readonly json: boolean;
  /** Whether signatures were believed. */
  readonly trusted: boolean;
}

/** What became of a load, over all its interruptions. */
export function loadReport(
  counts: LoadCounts,
  { files, complete, json, trusted }: LoadReportOptions,
): string {
  if (json) return `${JSON.stringify({ complete, files, trusted, ...counts })}\n`;
  const { inserted, updated, unchanged } = counts;
  const loaded = plural(acceptedCount(counts), 'certificate');
  const lines = [
    `Loaded ${loaded} from ${plural(files, 'file')}: ${inserted} new, ${updated} updated, ${unchanged} unchanged.`,
  ];
  if (trusted) lines.push('No signature in them was verified (--trusted).');
  if (counts.leftOut.length > 0) lines.push('Left out of them:');
  for (const { count, what, why } of counts.leftOut) lines.push(row(count, `${what}: ${why}`));
  if (counts.refused.length > 0)
    lines.push(`Refused ${refusedCount(counts)}; by reason, each with the text of the first:`);
  for (const { count, code, reason } of counts.refused) lines.push(row(count, `${code}: ${reason}`));
  if (!complete) lines.push('Interrupted: the same command goes on where this one stopped.');
  return `${lines.join('\n')}\n`;
}

function row(count: number, text: string): string {
  return `${String(count).padStart(9)}  ${text}`;
}
