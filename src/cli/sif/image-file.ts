import { FileSource, NotAFile } from '../../bytes/file-source.ts';
import { SifError } from '../../sif/error.ts';
import { openSif } from '../../sif/image.ts';
import type { SifImage } from '../../sif/image.ts';
import { CliError } from '../error.ts';
import type { CliErrorCode } from '../error.ts';

/** Opens an image for reading, and closes it. */
export async function withImage<T>(path: string, use: (image: SifImage) => Promise<T>): Promise<T> {
  return onFile(path, 'read', async () => {
    const source = await FileSource.open(path);
    try {
      return await use(await openSif(source));
    } finally {
      await source.close();
    }
  });
}

/** Does something with a file that the command line names; what goes wrong then names the file. */
export async function onFile<T>(path: string, verb: 'read' | 'write', act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof SifError) throw new SifError(cause.code, `${path}: ${cause.message}`, { cause });
    if (!(cause instanceof Error)) throw cause;
    const code = cause instanceof NotAFile ? 'NO_SUCH_FILE' : codeOf(cause, verb);
    if (code === undefined) throw cause;
    throw new CliError(code, `cannot ${verb} ${path}: ${cause.message}`, { cause });
  }
}

/** Undefined for what is not an error of the system. */
function codeOf(error: Error, verb: 'read' | 'write'): CliErrorCode | undefined {
  if (!('syscall' in error) || !('code' in error)) return undefined;
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'NO_SUCH_FILE';
  return verb === 'read' ? 'UNREADABLE_FILE' : 'UNWRITABLE_FILE';
}

/** An object's ID as a word of the command line. */
export function objectId(word: string): number {
  const id = /^\d{1,10}$/.test(word) ? Number(word) : 0;
  if (id < 1)
    throw new CliError('USAGE', `${JSON.stringify(word)} is not the ID of an object; IDs count from 1`);
  return id;
}
