import { Buffer } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import type { ImageLook, ImageReader } from './image/image-reader.ts';
import type { LogEvent } from './log/record.ts';
import { pathFields } from './path-fields.ts';
import type { Table } from './table.ts';
import { MAX_SWEPT_DEPTH, MAX_SWEPT_FILES } from './limits.ts';

/** What an image in a swept folder was when it was looked at last. */
export interface SweptImage {
  readonly sha256: string;
}

export interface SweepReport {
  /** Images that were looked at. */
  readonly files: number;
  /** Of those, the ones that were read, because they were new or not as before. */
  readonly rehashed: number;
  /** Of those, the ones at whose path there was another image before. */
  readonly changed: number;
  /** Folders that cannot be read, and files left out because there are too many. */
  readonly problems: readonly string[];
}

export interface SweepParts {
  readonly images: Pick<ImageReader, 'look'>;
  readonly table: Table<SweptImage>;
  readonly folders: readonly string[];
  /** Milliseconds that reading one image may take. */
  readonly patience: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends the sweep before the next image. */
  readonly stopping: AbortSignal;
  readonly event: (event: LogEvent, fields: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Problems that are told of one sweep. */
const MAX_PROBLEMS = 20;

/**
 * Looks at every image in the swept folders, one after another: what is new is read before anybody waits for it, and
 * what is not what it was is told. Notifications of the kernel miss what other hosts do to a shared file system.
 */
export async function sweep(parts: SweepParts): Promise<SweepReport> {
  const report = { files: 0, rehashed: 0, changed: 0 };
  const problems: string[] = [];
  const note = (problem: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };
  for (const folder of parts.folders) {
    for await (const path of filesIn(Buffer.from(folder), 0, note)) {
      if (parts.stopping.aborted) return { ...report, problems };
      if (report.files >= MAX_SWEPT_FILES) {
        note(`${folder}: more than ${MAX_SWEPT_FILES} images`);
        break;
      }
      const look = await lookAt(path, parts, note);
      if (look?.content.kind !== 'content') continue;
      report.files += 1;
      if (!look.cached) report.rehashed += 1;
      if (await remember(path, look.content.evidence.sha256, parts)) report.changed += 1;
    }
  }
  await parts.event('sweep_finished', { ...report, problems });
  return { ...report, problems };
}

async function lookAt(
  path: Uint8Array,
  { images, now, patience }: SweepParts,
  note: (problem: string) => void,
): Promise<ImageLook | undefined> {
  try {
    return await images.look(
      { kind: 'path', path },
      { caller: { kind: 'admin' }, deadline: now() + patience },
    );
  } catch (error) {
    // The queue is full: whoever waits for an answer comes first, and the next sweep comes soon.
    note(`${shown(path)}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Whether another image was there before. */
async function remember(path: Uint8Array, sha256: string, { table, event }: SweepParts): Promise<boolean> {
  const key = Buffer.from(path).toString('latin1');
  const before = await table.get(key);
  if (before?.sha256 === sha256) return false;
  await table.put(key, { sha256 });
  if (before === undefined) return false;
  await event('image_changed', { ...pathFields(path), before: before.sha256, after: sha256 });
  return true;
}

/** Regular files of a folder and the folders in it, as octets. Links are not followed. */
async function* filesIn(
  folder: Buffer,
  depth: number,
  note: (problem: string) => void,
): AsyncGenerator<Uint8Array> {
  if (depth > MAX_SWEPT_DEPTH) {
    note(`${shown(folder)}: too deep`);
    return;
  }
  for (const { path, kind } of await entriesOf(folder, note)) {
    if (kind === 'folder') yield* filesIn(path, depth + 1, note);
    else yield path;
  }
}

interface Entry {
  readonly path: Buffer;
  readonly kind: 'file' | 'folder';
}

const SLASH = Buffer.from('/');

/** In the order of their octets. */
async function entriesOf(folder: Buffer, note: (problem: string) => void): Promise<readonly Entry[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry): Entry => {
        const path = Buffer.concat([folder, SLASH, entry.name]);
        return { path, kind: entry.isFile() ? 'file' : 'folder' };
      })
      .toSorted((one, other) => one.path.compare(other.path));
  } catch (error) {
    note(
      `${shown(folder)}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`,
    );
    return [];
  }
}

function shown(path: Uint8Array): string {
  return Buffer.from(path).toString('utf8');
}
