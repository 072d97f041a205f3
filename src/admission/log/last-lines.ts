import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { MAX_LAST_LINES } from './limits.ts';
import { logFiles } from './log-files.ts';
import type { LogFile } from './log-files.ts';
import { parseLine } from './log-line.ts';
import type { LogLine } from './log-line.ts';
import { rawLines } from './raw-lines.ts';

/** The newest lines that `filter` takes, the oldest of them first; at most `MAX_LAST_LINES`. */
export async function lastLines(
  folder: string,
  count: number,
  filter: (line: LogLine) => boolean = () => true,
): Promise<LogLine[]> {
  const wanted = Math.min(count, MAX_LAST_LINES);
  let found: LogLine[] = [];
  for (const file of (await logFiles(folder)).toReversed()) {
    if (found.length >= wanted) break;
    found = [...(await lastOf(file, wanted - found.length, filter)), ...found];
  }
  return found;
}

async function lastOf(
  { path }: LogFile,
  count: number,
  filter: (line: LogLine) => boolean,
): Promise<LogLine[]> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    let last: LogLine[] = [];
    for await (const lines of rawLines(handle)) {
      for (const { octets, terminated, tooLong } of lines) {
        const line = terminated && !tooLong ? parseLine(octets) : undefined;
        if (line !== undefined && filter(line)) last.push(line);
      }
      if (last.length > count) last = last.slice(-count);
    }
    return last;
  } finally {
    await handle.close();
  }
}
