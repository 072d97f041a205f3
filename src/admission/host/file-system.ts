import type { Binding } from '../../policy/policy.ts';

/** `/proc/self/mountinfo` (proc_pid_mountinfo(5)): the mounts, in the order in which they were made. */
export interface Mount {
  readonly point: string;
  readonly fileSystem: string;
}

/** Lines that are not as the manual has them are passed over. */
export function parseMountInfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4];
    const fileSystem = after.split(' ')[0];
    return point === undefined || !fileSystem ? [] : [{ point: unescape(point), fileSystem }];
  });
}

/** Space, tab, line feed and backslash are written as three octal digits. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The file system that a path is on: of the mounts above it the longest, of those the last. */
export function fileSystemOf(path: string, mounts: readonly Mount[]): string | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const above = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`);
    if (above && mount.point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best?.fileSystem;
}

/** Local file systems that keep times so well that a change of the content can be told by them. */
const EXACT: ReadonlySet<string> = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'zfs', 'f2fs']);

/** Cannot be written while they are mounted, which is root's doing. */
const READ_ONLY: ReadonlySet<string> = new Set(['squashfs', 'iso9660', 'erofs']);

/** The strongest binding that an answer about a file there can have, as it lies there. */
export function strongestBinding(fileSystem: string | undefined, rootOnly: boolean): Binding {
  if (fileSystem === undefined) return 'path';
  if (READ_ONLY.has(fileSystem)) return 'root-owned';
  if (!EXACT.has(fileSystem)) return 'path';
  return rootOnly ? 'root-owned' : 'identity';
}
