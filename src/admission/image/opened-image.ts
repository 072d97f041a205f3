import { closeSync, constants, lstatSync, openSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';

import type { ImageProblem } from '../../policy/facts.ts';
import { isSameFile } from './file-identity.ts';
import { problem } from './problem.ts';

/** A regular file that was found; whoever has it closes its descriptor. */
export interface OpenedImage {
  readonly kind: 'opened';
  /** Names the file (`O_PATH`): for most requests it does not have to be read. */
  readonly fd: number;
  readonly stats: BigIntStats;
  /** The real path of the open file, as the kernel tells it; where it was, when it has been removed. */
  readonly path: Buffer;
}

/** Names a file without opening it: nothing happens to a device, and nobody waits for a FIFO (open(2), Linux). */
export const O_PATH: number = 0o10000000;

const READING: number = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

const REMOVED = ' (deleted)';
const KERNEL_FOLDERS: readonly string[] = ['/proc', '/sys', '/dev'];

/** Runs `use` with a descriptor and closes it, unless what comes of it has it. */
export function withDescriptor(
  fd: number,
  use: (fd: number) => OpenedImage | ImageProblem,
): OpenedImage | ImageProblem {
  let handedOver = false;
  try {
    const found = use(fd);
    handedOver = found.kind === 'opened';
    return found;
  } finally {
    if (!handedOver) closeSync(fd);
  }
}

/** Another descriptor of the same file, by which it can be read. Throws errors of the system. */
export function openForReading({ fd }: OpenedImage): number {
  return openSync(`/proc/self/fd/${fd}`, READING);
}

/** True for paths of the kernel's own file systems and of devices. */
export function isKernelPath(path: Uint8Array): boolean {
  return isOfKernel(Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1'));
}

function isOfKernel(path: string): boolean {
  return KERNEL_FOLDERS.some(
    (folder) => path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/'),
  );
}

export const KERNEL_PATH: ImageProblem = problem('NOT_SIF', 'no images are in /proc, /sys and /dev');

/** What an `O_PATH` descriptor names, when that is a regular file of allowed size. Throws errors of the system. */
export function imageNamed(named: number, stats: BigIntStats, maxOctets: number): OpenedImage | ImageProblem {
  if (stats.isSymbolicLink()) {
    return problem('NOT_SIF', 'a symbolic link; name the file that it leads to');
  }
  if (!stats.isFile()) return problem('NOT_SIF', 'not a regular file');
  const path = realPath(named, stats);
  if (isOfKernel(path)) return KERNEL_PATH;
  if (stats.size === 0n) return problem('NOT_SIF', 'an empty file');
  if (stats.size > BigInt(maxOctets)) {
    return problem('LIMIT', `it has ${stats.size} octets; ${maxOctets} are allowed`);
  }
  return { kind: 'opened', fd: named, stats, path: Buffer.from(path, 'latin1') };
}

const OCTETS = { encoding: 'latin1' } as const;

/** Octets as characters. */
function realPath(fd: number, stats: BigIntStats): string {
  const path = readlinkSync(`/proc/self/fd/${fd}`, OCTETS);
  if (!path.endsWith(REMOVED)) return path;
  // That may be a part of its name, too.
  const there = lstatSync(Buffer.from(path, 'latin1'), { bigint: true, throwIfNoEntry: false });
  return there !== undefined && isSameFile(there, stats) ? path : path.slice(0, -REMOVED.length);
}
