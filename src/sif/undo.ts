/*
 * A change of an image in place, made safe against being killed: before the first octet is changed, the
 * header and table as they are go into a small file beside the image. It also keeps a second writer out.
 * Whoever changes the image next finds it and puts everything back.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { equalBytes } from '../bytes/compare.ts';
import { SifError } from './error.ts';
import { readHeader } from './header.ts';
import { DESCRIPTOR_OCTETS, HEADER_OCTETS } from './layout.ts';
import { MAX_DESCRIPTORS } from './limits.ts';
import { isRunning, processMark } from './process-mark.ts';
import { codeOf, syncFolder } from './disk.ts';
import { writeOctets } from './write-octets.ts';

/** Header, table and length of an image before a change. */
export interface Before {
  readonly header: Uint8Array;
  readonly table: Uint8Array;
  readonly tableOffset: number;
  /** Octets of the file. */
  readonly size: number;
}

interface Note {
  readonly vouch: 'undo 1';
  readonly process: string;
  readonly host: string;
  readonly size: number;
}

const DIGEST_OCTETS = 32;
/** The note is one short line; header and table follow it. */
const MAX_UNDO_OCTETS: number = 4096 + HEADER_OCTETS + MAX_DESCRIPTORS * DESCRIPTOR_OCTETS + DIGEST_OCTETS;

/** Where the file for an image is; `path` without symbolic links. */
function undoPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.vouch-undo`);
}

/**
 * Writes the file, and returns when it is on the disk. Throws `IN_USE` when there is one. It gets its name when
 * it is complete, and a name can be given once only.
 */
export async function keepUndo(path: string, { header, table, size }: Before): Promise<void> {
  const note: Note = {
    vouch: 'undo 1',
    process: await processMark(process.pid),
    host: hostname(),
    size,
  };
  const octets = Buffer.concat([Buffer.from(`${JSON.stringify(note)}\n`), header, table]);
  const digest = createHash('sha256').update(octets).digest();
  const undo = undoPath(path);
  const part = `${undo}-${randomUUID()}`;
  try {
    await writeFile(part, Buffer.concat([octets, digest]), { flag: 'wx', mode: 0o600, flush: true });
    await link(part, undo);
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? inUse(undo) : error;
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
}

export async function dropUndo(path: string): Promise<void> {
  await rm(undoPath(path), { force: true });
  await syncFolder(dirname(path));
}

/**
 * Header and table as they were, and the file as long as it was. The header first: with it in its place, an
 * interruption of this is undone too.
 */
export async function restore(file: FileHandle, before: Before): Promise<void> {
  await writeOctets(file, before.header, 0);
  await file.sync();
  await writeOctets(file, before.table, before.tableOffset);
  if ((await file.stat()).size > before.size) await file.truncate(before.size);
  await file.sync();
}

/**
 * Undoes a change that was interrupted. The header is written last: when it is another than before, the change
 * was complete, or another program has changed the image since, and then nothing is undone. Throws `IN_USE` when
 * the change is still under way, or when the file beside the image cannot be trusted.
 */
export async function undoInterrupted(path: string, image: FileHandle): Promise<void> {
  const undo = undoPath(path);
  const octets = await readTrusted(undo, image);
  if (octets === undefined) return;
  const content = octets.subarray(0, Math.max(octets.length - DIGEST_OCTETS, 0));
  const whole = equalBytes(createHash('sha256').update(content).digest(), octets.subarray(content.length));
  if (!whole) throw inUse(undo);
  const { note, before } = parse(content, undo);
  if (note.host !== hostname() || (await isRunning(note.process))) throw inUse(undo);
  const now = Buffer.alloc(HEADER_OCTETS);
  await image.read(now, 0, HEADER_OCTETS, 0);
  if (equalBytes(now, before.header)) await restore(image, before);
  await dropUndo(path);
}

function parse(content: Buffer, undo: string): { note: Note; before: Before } {
  const line = content.indexOf('\n');
  const note: Note = JSON.parse(content.subarray(0, line).toString());
  if (note.vouch !== 'undo 1' || !Number.isSafeInteger(note.size)) throw inUse(undo);
  const header = content.subarray(line + 1, line + 1 + HEADER_OCTETS);
  const table = content.subarray(line + 1 + HEADER_OCTETS);
  const { tableOffset, tableSize } = readHeader(header);
  if (table.length !== tableSize) throw inUse(undo);
  return { note, before: { header, table, tableOffset, size: note.size } };
}

/** Only what this user, the image's owner or root wrote: anyone may put a file into a folder like /tmp. */
async function readTrusted(path: string, image: FileHandle): Promise<Buffer | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw codeOf(error) === 'ELOOP' ? inUse(path) : error;
  }
  try {
    const found = await file.stat();
    const trusted = [0, process.getuid?.(), (await image.stat()).uid].includes(found.uid);
    if (!found.isFile() || !trusted || found.size > MAX_UNDO_OCTETS) throw inUse(path);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function inUse(undo: string): SifError {
  return new SifError(
    'IN_USE',
    `another change of the image is under way; if none is, it was interrupted: remove ${basename(undo)}, ` +
      'which lies beside the image, and restore the image from a copy should it not open',
  );
}
