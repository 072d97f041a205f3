import type { BigIntStats } from 'node:fs';

import type { Mount } from './mounts.ts';

/**
 * Which file it is, and in which state. The time of change (ctime) cannot be set by whoever owns the file; what
 * it misses is a store through a mapping that was there before.
 */
export interface FileIdentity {
  /** Of the file while it exists: file system, device, inode. */
  readonly file: string;
  /** Of its state. */
  readonly state: string;
}

export function identityOf(stats: BigIntStats, mount: Mount | undefined): FileIdentity {
  // Numbers of devices are used again: for network mounts, loops and volumes of btrfs.
  const where = mount === undefined ? '' : `${mount.type} ${mount.source}`;
  return { file: `${where} ${stats.dev} ${stats.ino}`, state: stateOf(stats) };
}

export function stateOf({ size, mtimeNs, ctimeNs, birthtimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${birthtimeNs}`;
}

/** What renaming and linking leave of a state: both change the time of change, and not the content. */
export function sameButTimeOfChange(one: string, other: string): boolean {
  const [a, b] = [one, other].map((state) => state.split(' ').toSpliced(CHANGE_TIME, 1).join(' '));
  return a === b;
}

/** Where it stands in a state. */
const CHANGE_TIME = 2;

export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
