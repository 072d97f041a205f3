import type { FileHandle } from 'node:fs/promises';
import { CHUNK_OCTETS, MAX_LAST_LINES } from './limits.ts';
import { parseLine } from './log-line.ts';
import type { LogLine } from './log-line.ts';
import { OpenedLog } from './opened-log.ts';
import { rawLines } from './raw-lines.ts';

type Filter = (line: LogLine) => boolean;

/** The newest lines that `filter` takes, the oldest of them first; at most `MAX_LAST_LINES`. */
export async function lastLines(
  folder: string,
  count: number,
  filter: Filter = () => true,
): Promise<LogLine[]> {
  const wanted = Math.min(count, MAX_LAST_LINES);
  let found: LogLine[] = [];
  const log = await OpenedLog.at(folder);
  try {
    for (const file of log.files.toReversed()) {
      if (found.length >= wanted) break;
      const handle = await log.open(file);
      if (handle === undefined) continue;
      found = [...(await lastOf(handle, wanted - found.length, filter)), ...found];
    }
    return found;
  } finally {
    await log.close();
  }
}

/** From an ever larger part of the end of the file. */
async function lastOf(handle: FileHandle, count: number, filter: Filter): Promise<LogLine[]> {
  try {
    const { size } = await handle.stat();
    for (let octets = CHUNK_OCTETS; ; octets *= 4) {
      const offset = Math.max(0, size - octets);
      const found = await linesFrom(handle, offset, { count, filter });
      if (found.length >= count || offset === 0) return found;
    }
  } finally {
    await handle.close();
  }
}

async function linesFrom(
  handle: FileHandle,
  offset: number,
  { count, filter }: { count: number; filter: Filter },
): Promise<LogLine[]> {
  let found: LogLine[] = [];
  for await (const lines of rawLines(handle, offset)) {
    for (const { octets, terminated, tooLong } of lines) {
      // What an offset within a line leaves of it is no line.
      const line = terminated && !tooLong ? parseLine(octets) : undefined;
      if (line !== undefined && filter(line)) found.push(line);
    }
    if (found.length > count) found = found.slice(-count);
  }
  return found;
}
