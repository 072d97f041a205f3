/* Looking at files of a host without changing or following anything that could be a trap. */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../keyring/system-reason.ts';
import type { PlaceFacts } from './host-facts.ts';

/** Octets of a settings file or list that is read: those that the tools install have 20 KiB. */
const MAX_TEXT_OCTETS = 1024 * 1024;

/** What is at `path` of the host whose root folder is `root`; a link is not followed. */
export async function placeAt(root: string, path: string): Promise<PlaceFacts> {
  try {
    const state = await lstat(join(root, path));
    return { path, kind: kindOf(state), uid: state.uid, mode: state.mode & 0o7777 };
  } catch (error) {
    const code = systemCode(error);
    const kind = code === 'ENOENT' || code === 'ENOTDIR' ? 'absent' : 'unknown';
    return { path, kind, uid: -1, mode: 0 };
  }
}

function kindOf(state: Stats): PlaceFacts['kind'] {
  if (state.isFile()) return 'file';
  if (state.isDirectory()) return 'folder';
  if (state.isSocket()) return 'socket';
  return state.isSymbolicLink() ? 'link' : 'other';
}

/** The text of a regular file; undefined when it is none, is too long or cannot be read. */
export async function textAt(root: string, path: string): Promise<string | undefined> {
  try {
    // Opening a pipe would wait for somebody to write into it.
    const file = await open(join(root, path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) return undefined;
      // Files of /proc say that they have no octets.
      const octets = Buffer.alloc(MAX_TEXT_OCTETS + 1);
      const length = await readInto(file, octets);
      return length > MAX_TEXT_OCTETS ? undefined : octets.toString('utf8', 0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

async function readInto(
  file: { read(into: Buffer, offset: number): Promise<{ bytesRead: number }> },
  octets: Buffer,
): Promise<number> {
  let length = 0;
  for (;;) {
    if (length === octets.length) return length;
    const { bytesRead } = await file.read(octets, length);
    if (bytesRead === 0) return length;
    length += bytesRead;
  }
}
