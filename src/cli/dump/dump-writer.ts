import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../error.ts';
import { READ_SIZE } from './limits.ts';

/** Where a dump goes: one file, or files of `perFile` certificates in a folder. */
export type DumpTarget = { readonly file: string } | { readonly folder: string; readonly perFile: number };

export interface DumpWriter {
  add(certificate: Uint8Array): Promise<void>;
  /** Gives the files their names, once all of them are whole and on the disk. */
  finish(): Promise<string[]>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** Files have the ending `.part` until the whole dump is there. Throws `UNWRITABLE_FILE`. */
export async function dumpFiles(target: DumpTarget): Promise<DumpWriter> {
  const perFile = 'file' in target ? Number.POSITIVE_INFINITY : target.perFile;
  const nameOf = (index: number): string =>
    'file' in target ? target.file : join(target.folder, `vouch-dump-${String(index).padStart(4, '0')}.pgp`);
  if ('folder' in target) await writable(target.folder, () => mkdir(target.folder, { recursive: true }));
  const names: string[] = [];
  let part: PartFile | undefined;

  async function begin(): Promise<PartFile> {
    const name = nameOf(names.length);
    const begun = new PartFile(await writable(name, () => openAnew(`${name}.part`)));
    names.push(name);
    return begun;
  }

  async function endPart(): Promise<void> {
    await part?.end();
    part = undefined;
  }

  // An empty store gives an empty file, and a place that cannot be written shows at once.
  part = await begin();
  return {
    add: async (certificate) => {
      if (part !== undefined && part.certificates >= perFile) await endPart();
      part ??= await begin();
      await part.add(certificate);
    },
    finish: async () => {
      await endPart();
      for (const name of names) await rename(`${name}.part`, name);
      return names;
    },
    abandon: async () => {
      await part?.close();
      for (const name of names) await rm(`${name}.part`, { force: true });
    },
  };
}

/** What a dump that was killed left, or a link that somebody put there, is removed and not written to. */
async function openAnew(path: string): Promise<FileHandle> {
  await rm(path, { force: true });
  return open(path, 'wx', 0o644);
}

/** A file that is written in large pieces. */
class PartFile {
  readonly #file: FileHandle;
  #held: Uint8Array[] = [];
  #octets = 0;
  certificates = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(certificate: Uint8Array): Promise<void> {
    this.certificates += 1;
    this.#held.push(certificate);
    this.#octets += certificate.length;
    if (this.#octets >= READ_SIZE) await this.#write();
  }

  async end(): Promise<void> {
    await this.#write();
    await this.#file.sync();
    await this.close();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(): Promise<void> {
    // FileHandle.write may write less than it was given; writeFile goes on until all is written.
    await this.#file.writeFile(Buffer.concat(this.#held));
    this.#held = [];
    this.#octets = 0;
  }
}

async function writable<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('UNWRITABLE_FILE', `cannot write ${path}: ${reason}`, { cause });
  }
}
