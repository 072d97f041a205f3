/* Images of the command line as the daemon is asked for them. */
import { Buffer } from 'node:buffer';
import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pid } from 'node:process';
import { CliError } from '../error.ts';
import { onFile } from '../sif/image-file.ts';
import { MAX_IMAGES } from './limits.ts';

/** An entry of `images` in a question. */
export type AskedImage =
  | { readonly path: string }
  | { readonly path_b64: string }
  | { readonly fd: { readonly pid: number; readonly fd: number } };

/**
 * With links resolved: the daemon refuses links, and whoever runs the image has to run what was asked about.
 * `byFd`: opened here, and asked for as a file that this process holds: `use` runs while they are open.
 */
export async function withImages<T>(
  names: readonly string[],
  byFd: boolean,
  use: (images: readonly AskedImage[]) => Promise<T>,
): Promise<T> {
  if (names.length > MAX_IMAGES) {
    throw new CliError(
      'USAGE',
      `${names.length} images are too many for one question: ask for ${MAX_IMAGES} at once`,
    );
  }
  if (!byFd) {
    const images: AskedImage[] = [];
    for (const name of names) images.push(await byPath(name));
    return use(images);
  }
  const handles: FileHandle[] = [];
  try {
    for (const name of names) handles.push(await onFile(name, 'read', () => open(name)));
    return await use(handles.map(({ fd }) => ({ fd: { pid, fd } })));
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

/** A path is octets on Linux: one that is no UTF-8 goes in base64. */
async function byPath(name: string): Promise<AskedImage> {
  const octets = await onFile(name, 'read', () => realpath(name, { encoding: 'buffer' }));
  const path = octets.toString('utf8');
  return Buffer.from(path, 'utf8').equals(octets) ? { path } : { path_b64: octets.toString('base64') };
}
