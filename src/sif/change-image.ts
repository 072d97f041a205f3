import type { FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { equalBytes } from '../bytes/compare.ts';
import { FileSource } from '../bytes/file-source.ts';
import { appendObject } from './append-object.ts';
import type { Descriptor } from './descriptor.ts';
import { SifError } from './error.ts';
import { partitionOf, PRIMARY_PARTITION, SYSTEM_PARTITION } from './extra.ts';
import { Head } from './head.ts';
import { openSif } from './image.ts';
import type { SifImage } from './image.ts';
import { NO_TIME } from './layout.ts';
import type { ObjectInput } from './object-input.ts';
import { dropUndo, keepUndo, restore, undoInterrupted } from './undo.ts';
import type { Before } from './undo.ts';
import { clearOctets, writeOctets } from './write-octets.ts';

export interface ChangeTime {
  /** Unix seconds: for an image that has times. */
  readonly now: number;
  /** Unix seconds for any image, also for one that was made without times and would stay so. */
  readonly time?: number;
}

export interface DeleteOptions extends ChangeTime {
  /** Overwrites the content with zeros. */
  readonly zero?: boolean;
  /** Cuts off what is behind the last object that stays; objects are never moved. */
  readonly compact?: boolean;
}

/**
 * Adds objects in the order given. `inputs` is called with the image as it is, which nobody who asks can
 * change meanwhile, and may read from it. Returns the new descriptors. Throws `SifError`, errors of the
 * system, and what the contents throw; the image is then as it was.
 */
export async function addObjects(
  path: string,
  inputs: (image: SifImage) => Promise<readonly ObjectInput[]>,
  change: ChangeTime,
): Promise<readonly Descriptor[]> {
  return onImage(path, change, async ({ file, image, head, time }) => {
    const added: Descriptor[] = [];
    const given = await inputs(image);
    if (given.length === 0) return { result: added, unchanged: true };
    // As sif v2.18 and later: what was deleted at the end is written over.
    head.countData();
    for (const input of given) added.push(await appendObject(file, head, input, time));
    return { result: added };
  });
}

/** Deletes an object. Throws `NO_SUCH_OBJECT`; and as `addObjects`. */
export async function deleteObject(path: string, id: number, options: DeleteOptions): Promise<void> {
  await onImage(path, options, async ({ file, image, head }) => {
    const descriptor = objectOf(image, id);
    head.clear(descriptor);
    if (options.compact === true) head.countData();
    const end = head.dataEnd;
    return {
      result: undefined,
      // When nothing leads to the content any more: an interruption before that can be undone.
      afterwards: async () => {
        if (options.zero === true) await clearOctets(file, descriptor.offset, descriptor.size);
        if (options.compact === true) await file.truncate(end);
      },
    };
  });
}

/**
 * Makes a system partition the primary one. Signatures that cover one of the two partitions stop being valid.
 * Returns false when it was the primary one already. Throws `NO_SUCH_OBJECT`, `BAD_INPUT`; as `addObjects`.
 */
export async function setPrimaryPartition(path: string, id: number, change: ChangeTime): Promise<boolean> {
  return onImage(path, change, async ({ image, head, time }) => {
    const descriptor = objectOf(image, id);
    const use = partitionOf(descriptor)?.use;
    if (use === PRIMARY_PARTITION) return { result: false, unchanged: true };
    if (use !== SYSTEM_PARTITION) throw new SifError('BAD_INPUT', `object ${id} is not a system partition`);
    head.setPrimary(descriptor, time);
    return { result: true };
  });
}

/** Throws `NO_SUCH_OBJECT`. */
export function objectOf(image: SifImage, id: number): Descriptor {
  const descriptor = image.descriptors.find((one) => one.id === id);
  if (descriptor === undefined) throw new SifError('NO_SUCH_OBJECT', `the image has no object ${id}`);
  return descriptor;
}

interface Work {
  readonly file: FileHandle;
  readonly image: SifImage;
  /** To be changed. */
  readonly head: Head;
  /** Of the change, in Unix seconds. */
  readonly time: number;
}

interface Outcome<T> {
  readonly result: T;
  readonly unchanged?: boolean;
  /** What cannot be undone. */
  readonly afterwards?: () => Promise<void>;
}

async function onImage<T>(
  path: string,
  change: ChangeTime,
  work: (on: Work) => Promise<Outcome<T>>,
): Promise<T> {
  const real = await realpath(path);
  const file = await open(real, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const { image, before } = await hold(real, file);
    const head = await Head.of(image);
    const time = change.time ?? (head.deterministic ? NO_TIME : change.now);
    const { result, afterwards } = await reversibly(file, before, real, async () => {
      const outcome = await work({ file, image, head, time });
      if (outcome.unchanged !== true) {
        head.setModified(time);
        await writeHead(file, head);
      }
      return outcome;
    });
    await dropUndo(real);
    if (afterwards !== undefined) {
      await afterwards();
      await file.sync();
    }
    return result;
  } finally {
    await file.close();
  }
}

/** Keeps other writers out, and makes sure that the image is what was read before they were. */
async function hold(path: string, file: FileHandle): Promise<{ image: SifImage; before: Before }> {
  await undoInterrupted(path, file);
  // Closed with the file.
  const image = await openSif(await FileSource.of(file));
  const before = await stateOf(image);
  await keepUndo(path, before);
  const now = await FileSource.of(file).then(openSif).then(stateOf);
  const same =
    now.size === before.size && equalBytes(now.header, before.header) && equalBytes(now.table, before.table);
  if (same) return { image, before };
  await dropUndo(path);
  throw new SifError('IN_USE', 'the image was changed by another program at the same time; try again');
}

async function stateOf(image: SifImage): Promise<Before> {
  const { header, table, tableOffset } = await Head.of(image);
  return { header, table, tableOffset, size: image.source.size };
}

/** The contents are on the disk before anything leads to them, and the header comes last: undo.ts counts on it. */
async function writeHead(file: FileHandle, head: Head): Promise<void> {
  await file.sync();
  await writeOctets(file, head.table, head.tableOffset);
  await file.sync();
  await writeOctets(file, head.header, 0);
  await file.sync();
}

/** What fails is undone at once. */
async function reversibly<T>(
  file: FileHandle,
  before: Before,
  path: string,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await restore(file, before);
    await dropUndo(path);
    throw error;
  }
}
