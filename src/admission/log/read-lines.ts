import { LogCursor } from './log-cursor.ts';
import type { OnUnreadable } from './log-cursor.ts';
import type { LogLine } from './log-line.ts';

export interface LineSelection {
  /** Number of the first line that is wanted. */
  readonly fromSeq?: number;
  /** Lines from then on, milliseconds since 1970 … */
  readonly since?: number;
  /** … to before then. */
  readonly until?: number;
  readonly filter?: (line: LogLine) => boolean;
  readonly onUnreadable?: OnUnreadable;
}

/** The lines of a log in their order, in bounded memory. A log that is not there has none. */
export async function* readLines(folder: string, selection: LineSelection = {}): AsyncGenerator<LogLine> {
  const cursor = new LogCursor(folder, selection);
  for await (const lines of cursor.read()) yield* lines.filter((line) => isSelected(line, selection));
}

export function isSelected(line: LogLine, { since, until, filter }: LineSelection): boolean {
  const time = Date.parse(line.time);
  if (since !== undefined && !(time >= since)) return false;
  if (until !== undefined && !(time < until)) return false;
  return filter === undefined || filter(line);
}
