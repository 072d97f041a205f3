/*
 * Opens the file that a process holds open. It stays the same file whatever becomes of its path, so the caller
 * that runs from that descriptor runs what was looked at.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

import type { ImageProblem } from '../../policy/facts.ts';
import { O_PATH, imageNamed, withDescriptor } from './opened-image.ts';
import type { OpenedImage } from './opened-image.ts';
import type { Reader } from './permission.ts';
import { isSystemError, NO_PERMISSION, problemOf } from './problem.ts';

export interface HeldFile {
  readonly pid: number;
  readonly fd: number;
}

/** Access modes in the flags of a descriptor (open(2)). */
const ACCESS_MODE = 3;

/** Users may name descriptors of their own processes that they can read by; the administrator any. */
export function openDescriptor(
  { pid, fd }: HeldFile,
  reader: Reader,
  maxOctets: number,
): OpenedImage | ImageProblem {
  if (reader.kind === 'anyone') return NO_PERMISSION;
  let folder: number;
  try {
    // The folder stays that of this process when its number is given to another one.
    folder = openSync(`/proc/${pid}`, O_PATH | constants.O_DIRECTORY);
  } catch (error) {
    return failure(error, reader);
  }
  try {
    const process = `/proc/self/fd/${folder}`;
    if (reader.kind === 'user' && !isOwnProcess(folder, process, reader.uid)) return NO_PERMISSION;
    if (!canReadBy(`${process}/fdinfo/${fd}`)) return NO_PERMISSION;
    return withDescriptor(openSync(`${process}/fd/${fd}`, O_PATH), (named) =>
      imageNamed(named, fstatSync(named, { bigint: true }), maxOctets),
    );
  } catch (error) {
    return failure(error, reader);
  } finally {
    closeSync(folder);
  }
}

/**
 * All four user IDs are the caller's, and the kernel shows the process to its user: a program that was given more
 * rights, or that was, may hold files open that its user cannot read.
 */
function isOwnProcess(folder: number, process: string, uid: number): boolean {
  if (fstatSync(folder).uid !== uid) return false;
  const line = /^Uid:\s*(.*)$/m.exec(readFileSync(`${process}/status`, 'latin1'))?.[1] ?? '';
  const uids = line.split(/\s+/);
  return uids.length === 4 && uids.every((one) => one === String(uid));
}

/** Whoever holds a file for writing only, or merely by name, could not have read it. */
function canReadBy(info: string): boolean {
  const digits = /^flags:\s*([0-7]+)$/m.exec(readFileSync(info, 'latin1'))?.[1];
  if (digits === undefined) return false;
  const flags = Number.parseInt(digits, 8);
  return (flags & O_PATH) === 0 && (flags & ACCESS_MODE) !== constants.O_WRONLY;
}

function failure(error: unknown, reader: Reader): ImageProblem {
  if (!isSystemError(error)) throw error;
  return reader.kind === 'user' ? NO_PERMISSION : problemOf(error);
}
