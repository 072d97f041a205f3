/*
 * What can be promised of a file by the kind of file system it is on: whether its times and its owner can be
 * believed, and how long it may be taken for the same.
 */
import type { Mount } from './mounts.ts';

export interface FileSystem {
  /** A change of content shows in the time of change, but for stores through a mapping. */
  readonly tellsChange: boolean;
  /** Only root can make a file there that is said to be root's; `all`: every file is, whatever it says. */
  readonly owners: 'believed' | 'all' | 'none';
  /** Milliseconds that a file of an untrusted owner is taken for the same; 0: never. */
  readonly maxAge: number;
  /** The same of a file that only root can change. */
  readonly maxAgeOfRoot: number;
  /** Milliseconds within which two changes may have one time. */
  readonly granularity: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Times in steps of a timer tick, at most 10 ms, before Linux 6.13; then finer. */
const TICK = 20;
/** Where nobody says how coarse times are. */
const COARSE = 2000;

const LOCAL: FileSystem = {
  tellsChange: true,
  owners: 'believed',
  maxAge: DAY,
  maxAgeOfRoot: 30 * DAY,
  granularity: TICK,
};
/** What is in them was made in one piece, by whoever made the mount: root. */
const SEALED: FileSystem = { ...LOCAL, owners: 'all', maxAge: 30 * DAY };
/** A store to a mapped page of tmpfs is never told; layers of overlays may change below. */
const VOLATILE: FileSystem = { ...LOCAL, tellsChange: false, maxAge: 0 };
/** The server and other clients change files, and attributes are remembered for up to a minute (nfs(5)). */
const NETWORK: FileSystem = {
  tellsChange: false,
  owners: 'none',
  maxAge: MINUTE,
  maxAgeOfRoot: MINUTE,
  granularity: COARSE,
};
/** FUSE above all: the program behind it can give other octets with every read. */
const UNKNOWN: FileSystem = { ...NETWORK, maxAge: 0, maxAgeOfRoot: 0 };

const KINDS: readonly (readonly [FileSystem, readonly string[]])[] = [
  [LOCAL, ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'jfs', 'bcachefs']],
  [{ ...LOCAL, granularity: COARSE }, ['zfs', 'reiserfs', 'nilfs2']],
  [SEALED, ['squashfs', 'erofs', 'iso9660', 'cramfs']],
  [VOLATILE, ['tmpfs', 'ramfs', 'overlay']],
  [NETWORK, ['nfs', 'nfs4', 'lustre', 'cifs', 'smb3', 'ceph', 'gpfs', 'beegfs', 'afs', 'orangefs', 'pvfs2']],
];

const BY_TYPE: ReadonlyMap<string, FileSystem> = new Map(
  KINDS.flatMap(([kind, types]) => types.map((type) => [type, kind] as const)),
);

/** Where desktops let anybody mount a medium, whose files may then say that they are root's. */
const MEDIA: readonly string[] = ['/media', '/run/media'];

export function fileSystemOf(mount: Mount | undefined): FileSystem {
  if (mount === undefined || isMedium(mount)) return UNKNOWN;
  const found = BY_TYPE.get(mount.type) ?? UNKNOWN;
  return found === SEALED && !mount.readOnly ? UNKNOWN : found;
}

/** The octets of a loop device are those of a file, and change with it: its owner can be anybody. */
function isMedium({ source, point }: Mount): boolean {
  return source.startsWith('/dev/loop') || MEDIA.some((folder) => point.startsWith(`${folder}/`));
}
