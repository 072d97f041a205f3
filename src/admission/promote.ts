/*
 * Copies of admitted images in a folder that only the service and root can write, each under the digest of its
 * content: what runs from there is what was decided on.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { AdmissionError } from './error.ts';
import type { ImageLook, ImageReader } from './image/image-reader.ts';
import { openPath } from './image/open-path.ts';
import { isSystemError } from './image/problem.ts';
import { MAX_IMAGE_OCTETS } from './limits.ts';

export interface PromoteOptions {
  /** Folder of the store, its real path; made when it is missing. The same as the reader's `store`. */
  readonly store: string;
  /** Of the admitted image, lower-case hexadecimal: what the copy has to be. */
  readonly sha256: string;
  /** Reads the copy, in its threads. */
  readonly reader: ImageReader;
}

export interface Promoted {
  /** Of the image in the store. */
  readonly path: string;
  readonly sha256: string;
  /** `present`: it was there before, and holds what it should. */
  readonly method: 'reflink' | 'copy' | 'present';
}

/** Copies that are being made, which nobody else may see. */
const DRAFTS = '.drafts';

/** What file systems say that cannot share octets between files (ioctl_ficlonerange(2)). */
const NO_REFLINK: ReadonlySet<string> = new Set([
  'ENOTSUP',
  'EOPNOTSUPP',
  'EXDEV',
  'EINVAL',
  'ENOTTY',
  'ENOSYS',
]);

/**
 * Copies the image at `source` (as octets) into the store, or finds it there. Throws `PROMOTE_FAILED`, also when
 * the copy is not the image that was admitted, and what reading throws (`QUEUE_FULL`); nothing is left then.
 */
export async function promote(source: Uint8Array, options: PromoteOptions): Promise<Promoted> {
  const { store, sha256, reader } = options;
  const folder = join(store, sha256.slice(0, 2));
  const path = join(folder, `${sha256}.sif`);
  try {
    await makeFolder(store, 0o755);
    await makeFolder(folder, 0o755);
    await makeFolder(join(store, DRAFTS), 0o700);
    await removeLeftDrafts(join(store, DRAFTS));
    if (await isPresent(path, options)) return { path, sha256, method: 'present' };
    const draft = join(store, DRAFTS, `${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      const method = await copyTo(draft, source);
      await finish(draft);
      expectContent(await lookAt(draft, reader), sha256);
      await rename(draft, path);
      await syncFolder(folder);
      await reader.renamed(Buffer.from(path), sha256);
      return { path, sha256, method };
    } catch (error) {
      await unlink(draft).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new AdmissionError('PROMOTE_FAILED', `the image cannot be copied into ${store} (${error.code})`, {
      cause: error,
    });
  }
}

/** The mode that is given to mkdir is cut by the umask. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode });
  if (made !== undefined) await chmod(folder, mode);
}

/** A copy that is not what its name says is replaced. */
async function isPresent(path: string, { sha256, reader }: PromoteOptions): Promise<boolean> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return false;
  const { content, binding } = await lookAt(path, reader);
  return binding === 'store' && content.kind === 'content' && content.evidence.sha256 === sha256;
}

function lookAt(path: string, reader: ImageReader): Promise<ImageLook> {
  const request = { kind: 'path', path: Buffer.from(path) } as const;
  return reader.look(request, { caller: { kind: 'admin' }, deadline: Infinity });
}

/** Through an open descriptor, so that what is copied is one file, whatever becomes of its path. */
async function copyTo(draft: string, source: Uint8Array): Promise<'reflink' | 'copy'> {
  const opened = openPath(source, { kind: 'service' }, MAX_IMAGE_OCTETS);
  if (opened.kind === 'problem') throw new AdmissionError('PROMOTE_FAILED', opened.text);
  try {
    const from = `/proc/self/fd/${opened.fd}`;
    try {
      await copyFile(from, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
      return 'reflink';
    } catch (error) {
      if (!isSystemError(error) || !NO_REFLINK.has(error.code)) throw error;
    }
    await unlink(draft).catch(() => undefined);
    await copyFile(from, draft, constants.COPYFILE_EXCL);
    return 'copy';
  } finally {
    closeSync(opened.fd);
  }
}

/** Nobody writes to it any more, and it is on the disk. */
async function finish(draft: string): Promise<void> {
  const file = await open(draft, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await file.chmod(0o444);
    await file.sync();
  } finally {
    await file.close();
  }
}

function expectContent({ content }: ImageLook, sha256: string): void {
  if (content.kind === 'problem') throw new AdmissionError('PROMOTE_FAILED', content.text);
  if (content.evidence.sha256 !== sha256) {
    throw new AdmissionError('PROMOTE_FAILED', 'the image is not the one that was admitted any more');
  }
}

/** Without it a crash of the machine can undo the rename. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Of processes that were killed over a copy. */
async function removeLeftDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number.parseInt(name, 10);
    if (!isRunning(pid)) await unlink(join(folder, name)).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isSystemError(error) && error.code === 'EPERM';
  }
}
