import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** What LevelDB notes while it opens a database is at the beginning of its journal. */
const JOURNAL_OCTETS = 64 * 1024;
const DROPPED = /: dropping (\d+) bytes; /g;

/**
 * How many octets of the newest writes LevelDB passed over when it last opened the database in a folder, because they
 * were damaged. It says so in its journal and nowhere else, and what was passed over is gone after that.
 */
export async function droppedOctets(folder: string): Promise<number> {
  const file = await open(join(folder, 'LOG'), 'r').catch(() => undefined);
  if (file === undefined) return 0;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(JOURNAL_OCTETS), 0, JOURNAL_OCTETS, 0);
    const journal = buffer.toString('latin1', 0, bytesRead);
    return [...journal.matchAll(DROPPED)].reduce((sum, [, octets]) => sum + Number(octets), 0);
  } finally {
    await file.close();
  }
}
