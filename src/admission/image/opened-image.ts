import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';

import type { ImageProblem } from '../../policy/facts.ts';
import { isSameFile } from './file-identity.ts';
import { problem } from './problem.ts';

/** An image file that is open for reading; whoever has it closes it. */
export interface OpenedImage {
  readonly kind: 'opened';
  readonly fd: number;
  readonly stats: BigIntStats;
  /** The real path of the open file, as the kernel tells it; where it was, when it has been removed. */
  readonly path: Buffer;
}

/** Names a file without opening it: nothing happens to a device, and nobody waits for a FIFO (open(2), Linux). */
export const O_PATH: number = 0o10000000;

const READING: number = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

const REMOVED = Buffer.from(' (deleted)');
const KERNEL_FOLDERS: readonly string[] = ['/proc', '/sys', '/dev'];

/** Runs `use` with a descriptor and closes it. */
export function withDescriptor<T>(fd: number, use: (fd: number) => T): T {
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** True for paths of the kernel's own file systems and of devices. */
export function isKernelPath(path: Uint8Array): boolean {
  const text = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
  return KERNEL_FOLDERS.some((folder) => text === folder || text.startsWith(`${folder}/`));
}

export const KERNEL_PATH: ImageProblem = problem('NOT_SIF', 'no images are in /proc, /sys and /dev');

/**
 * Opens for reading what an `O_PATH` descriptor names, once that is a regular file of allowed size. Throws errors
 * of the system.
 */
export function openNamed(named: number, stats: BigIntStats, maxOctets: number): OpenedImage | ImageProblem {
  if (stats.isSymbolicLink()) {
    return problem('NOT_SIF', 'a symbolic link; name the file that it leads to');
  }
  if (!stats.isFile()) return problem('NOT_SIF', 'not a regular file');
  const path = realPath(named, stats);
  if (isKernelPath(path)) return KERNEL_PATH;
  if (stats.size === 0n) return problem('NOT_SIF', 'an empty file');
  if (stats.size > BigInt(maxOctets)) {
    return problem('LIMIT', `it has ${stats.size} octets; ${maxOctets} are allowed`);
  }
  const fd = openSync(`/proc/self/fd/${named}`, READING);
  return { kind: 'opened', fd, stats: fstatSync(fd, { bigint: true }), path };
}

function realPath(fd: number, stats: BigIntStats): Buffer {
  const path = readlinkSync(`/proc/self/fd/${fd}`, 'buffer');
  if (!path.subarray(-REMOVED.length).equals(REMOVED)) return path;
  // That may be a part of its name, too.
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there !== undefined && isSameFile(there, stats) ? path : path.subarray(0, -REMOVED.length);
}
