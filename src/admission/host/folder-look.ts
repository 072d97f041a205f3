/* What `policy/lint.ts` wants to know of the folders of rules. */
import { lstatSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FolderFacts } from '../../policy/finding.ts';
import { parseMounts } from '../image/mounts.ts';
import type { MountTable } from '../image/mounts.ts';
import { mountOf, strongestBinding } from './file-system.ts';

/** Looks at folders of this host as they are now; links are not followed. Undefined: it cannot be looked at. */
export function folderLook(): (path: string) => FolderFacts | undefined {
  const mounts = mountsOfHost();
  return (path) => {
    try {
      const exists = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
      const rootOnly = isRootsAlone(path);
      return { exists, rootOnly, strongest: strongestBinding(mountOf(path, mounts), rootOnly) };
    } catch {
      return undefined;
    }
  };
}

function mountsOfHost(): MountTable {
  try {
    return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return new Map();
  }
}

/** What is not there can be made by whoever writes the folder above it. */
function isRootsAlone(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const state = lstatSync(at, { throwIfNoEntry: false });
    if (state !== undefined && (state.uid !== 0 || (state.mode & 0o022) !== 0)) return false;
    if (at === dirname(at)) return true;
  }
}
