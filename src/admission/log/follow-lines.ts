import { setTimeout as delay } from 'node:timers/promises';
import { LogCursor } from './log-cursor.ts';
import type { OnUnreadable } from './log-cursor.ts';
import type { LogLine } from './log-line.ts';

/** Milliseconds between two looks at the log. */
const LOOK_EVERY = 250;

export interface Following {
  /** Number of the first line that is wanted. */
  readonly fromSeq: number;
  readonly signal: AbortSignal;
  readonly onUnreadable?: OnUnreadable;
}

/** Lines as they are written, over all changes of file, until `signal` says stop. */
export async function* followLines(folder: string, { signal, ...from }: Following): AsyncGenerator<LogLine> {
  const cursor = new LogCursor(folder, from);
  while (!signal.aborted) {
    for await (const lines of cursor.read()) {
      for (const line of lines) {
        if (signal.aborted) return;
        yield line;
      }
    }
    await delay(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
  }
}
