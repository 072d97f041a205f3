/* What a host can promise of images in a folder, by the file system that it is on. */
import type { Binding } from '../../policy/policy.ts';
import { fileSystemOf } from '../image/file-system.ts';
import type { Mount, MountTable } from '../image/mounts.ts';

/** The mount that a path is on: of those above it the longest, of those the last. */
export function mountOf(path: string, mounts: MountTable): Mount | undefined {
  let best: Mount | undefined;
  let longest = -1;
  for (const mount of mounts.values()) {
    const point = unescape(mount.point);
    const above = point === '/' || path === point || path.startsWith(`${point}/`);
    if (!above || point.length < longest) continue;
    best = mount;
    longest = point.length;
  }
  return best;
}

/** Space, tab, line feed and backslash are written as three octal digits (proc_pid_mountinfo(5)). */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The strongest binding that an answer about a file there can have, as it lies there. */
export function strongestBinding(mount: Mount | undefined, rootOnly: boolean): Binding {
  const { owners, tellsChange } = fileSystemOf(mount);
  if (owners === 'all' || (owners === 'believed' && rootOnly)) return 'root-owned';
  return tellsChange ? 'identity' : 'path';
}
