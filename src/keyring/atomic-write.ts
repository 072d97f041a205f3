import { randomBytes } from 'node:crypto';
import { open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const LEFTOVER = /^\.vouch-new\.[^/]*\.[0-9a-f]{16}$/;

/**
 * Puts `bytes` in the place of `file`: whoever reads it, and whatever fails, sees the old content or the new
 * one whole. `unchanged` is asked last; when it says no, nothing is written and the answer is false.
 */
export async function writeAtomically(
  file: string,
  bytes: Uint8Array,
  { mode, unchanged }: { mode: number; unchanged?: () => Promise<boolean> },
): Promise<boolean> {
  const folder = dirname(file);
  const draft = join(folder, `.vouch-new.${basename(file)}.${randomBytes(8).toString('hex')}`);
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      // The mode given to open is cut by the umask.
      await handle.chmod(mode);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (unchanged !== undefined && !(await unchanged())) {
      await unlink(draft);
      return false;
    }
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
  return true;
}

/** Without it a crash of the machine can undo the rename. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what killed commands left; the folder's lock must be held, so that nobody's draft is in use. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (LEFTOVER.test(name)) await unlink(join(folder, name)).catch(() => undefined);
  }
}
