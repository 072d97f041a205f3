/*
 * Opens an image by its path without lending the service's rights to whoever asks. For other callers than the
 * administrator each folder on the way is opened by itself, from the one before it, and may be passed by the
 * caller, too: nothing is looked at behind a folder that is closed to the caller, and a folder that is exchanged
 * meanwhile leads nowhere else.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';

import type { ImageProblem } from '../../policy/facts.ts';
import { MAX_PATH_OCTETS } from '../limits.ts';
import { isKernelPath, KERNEL_PATH, O_PATH, imageNamed, withDescriptor } from './opened-image.ts';
import type { OpenedImage } from './opened-image.ts';
import { mayPass, mayRead } from './permission.ts';
import type { Reader } from './permission.ts';
import { isSystemError, NO_PERMISSION, problem, problemOf } from './problem.ts';

const NAMING: number = O_PATH | constants.O_NOFOLLOW;
const SLASH = 0x2f;

/** The path is absolute octets. Symbolic links are not followed but on the administrator's way to the last name. */
export function openPath(path: Uint8Array, reader: Reader, maxOctets: number): OpenedImage | ImageProblem {
  if (path[0] !== SLASH || path.includes(0) || path.length >= MAX_PATH_OCTETS) {
    return problem('IO_ERROR', 'not an absolute path');
  }
  if (isKernelPath(path)) return KERNEL_PATH;
  try {
    if (reader.kind !== 'service') return walk(path, reader, maxOctets);
    const name = Buffer.from(path);
    return withDescriptor(openSync(name, NAMING), (named) =>
      imageNamed(named, fstatSync(named, { bigint: true }), maxOctets),
    );
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return problemOf(error);
  }
}

function walk(path: Uint8Array, reader: Reader, maxOctets: number): OpenedImage | ImageProblem {
  let named = openSync('/', NAMING);
  let found: OpenedImage | ImageProblem | undefined;
  try {
    for (const name of namesOf(path)) {
      const closed = passingProblem(fstatSync(named, { bigint: true }), reader);
      if (closed !== undefined) return closed;
      const next = openSync(Buffer.concat([Buffer.from(`/proc/self/fd/${named}/`), name]), NAMING);
      closeSync(named);
      named = next;
    }
    const stats = fstatSync(named, { bigint: true });
    found = stats.isFile() && !mayRead(reader, stats) ? NO_PERMISSION : imageNamed(named, stats, maxOctets);
    return found;
  } finally {
    if (found?.kind !== 'opened') closeSync(named);
  }
}

function passingProblem(stats: BigIntStats, reader: Reader): ImageProblem | undefined {
  if (stats.isSymbolicLink()) {
    return problem('NOT_SIF', 'a symbolic link is on the way; name the real path of the file');
  }
  if (!stats.isDirectory()) return problem('IO_ERROR', 'no such file');
  return mayPass(reader, stats) ? undefined : NO_PERMISSION;
}

/** `..` is a folder like others: it leads to where the kernel says. */
function namesOf(path: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (let start = 0; start < path.length;) {
    const slash = path.indexOf(SLASH, start);
    const end = slash < 0 ? path.length : slash;
    if (end > start) names.push(path.subarray(start, end));
    start = end + 1;
  }
  return names;
}
