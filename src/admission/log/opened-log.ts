import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { logFiles } from './log-files.ts';
import type { LogFile } from './log-files.ts';

/**
 * The files of a log at one moment. The newest one is open from the start: by its name another file may be found a
 * moment later, and the lines between would be missed.
 */
export class OpenedLog {
  readonly files: readonly LogFile[];
  readonly #newest: FileHandle | undefined;

  private constructor(files: readonly LogFile[], newest: FileHandle | undefined) {
    this.files = files;
    this.#newest = newest;
  }

  static async at(folder: string): Promise<OpenedLog> {
    for (let files = await logFiles(folder); ;) {
      const newest = files.find(({ firstSeq }) => firstSeq === undefined);
      const handle = newest === undefined ? undefined : await openFile(newest);
      const now = await logFiles(folder);
      // A file that became full meanwhile has a name that was not there before.
      if (now.every(({ name }) => files.some((file) => file.name === name)))
        return new OpenedLog(files, handle);
      await handle?.close();
      files = now;
    }
  }

  /** Opens a file for reading; undefined: it was removed meanwhile. */
  async open(file: LogFile): Promise<FileHandle | undefined> {
    return file.firstSeq === undefined ? this.#newest : openFile(file);
  }

  async close(): Promise<void> {
    await this.#newest?.close();
  }
}

async function openFile({ path }: LogFile): Promise<FileHandle | undefined> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}
